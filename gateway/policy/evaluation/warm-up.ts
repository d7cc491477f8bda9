// Owns how often a policy is evaluated before it serves, so that no request pays for its first time.

const EVALUATIONS = 2_000;

export function warmUp(evaluate: () => unknown, longestMs: number): void {
  const started = performance.now();
  for (let i = 0; i < EVALUATIONS && performance.now() - started < longestMs; i++) evaluate();
}
