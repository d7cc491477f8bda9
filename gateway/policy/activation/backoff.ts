// Owns how long to wait after failures in a row: longer each time, and never many replicas at the same moment.

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** `failures` ≥ 1; `random` in [0, 1). Between half and all of 1 s, 2 s, 4 s … 60 s. */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return Math.round(full * (0.5 + random / 2));
}
