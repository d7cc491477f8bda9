// Owns how long answers took of late, and how long is longer than usual.

export interface LatencyWindow {
  record(milliseconds: number): void;
  /** 95 of 100 answers of late came within this many milliseconds; `null`: too few came to tell. */
  p95(): number | null;
}

const KEPT = 128;
const LEAST = 10;

export function createLatencyWindow(): LatencyWindow {
  const kept: number[] = [];
  let next = 0;
  return {
    record: (milliseconds) => {
      kept[next] = milliseconds;
      next = (next + 1) % KEPT;
    },
    p95: () => {
      if (kept.length < LEAST) return null;
      return kept.toSorted((a, b) => a - b)[Math.floor(kept.length * 0.95)] ?? null;
    },
  };
}
