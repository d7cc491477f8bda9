// Owns how often a policy is evaluated before it serves, so that no request pays for its first time.

const EVALUATIONS = 2_000;
const LONGEST_MS = 2_000;

export function warmUp(evaluate: () => unknown, longestMs = LONGEST_MS): void {
  const started = performance.now();
  for (let i = 0; i < EVALUATIONS && performance.now() - started < longestMs; i++) evaluate();
}
