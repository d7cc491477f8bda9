// Owns how long this process looks at what no nodes can prove before that is taken for the last word.

export const PATIENCE_MS = 3_600_000;
/** What nobody asked about for so long was something else meanwhile, and begins anew. */
const PAUSE_MS = 600_000;
const SWEEP_MS = 60_000;
/** Whoever comes when there are so many waits for a place: those that are there come to their end, and leave it. */
const MOST_REMEMBERED = 100_000;

interface Asked {
  readonly since: number;
  readonly last: number;
}

/** Tells for how many milliseconds it has been asked about a request; 0 of one that has no place yet. */
export function createWaiting(now: () => number): (requestId: string) => number {
  // Who was asked about longest ago comes first.
  const asked = new Map<string, Asked>();
  let sweptAt = now();

  function sweep(time: number): void {
    sweptAt = time;
    for (const [id, { last }] of asked) {
      if (time - last < PAUSE_MS) return;
      asked.delete(id);
    }
  }

  return (requestId) => {
    const last = now();
    // Not at each question: the head of a map that changes much is slow to find.
    if (last - sweptAt >= SWEEP_MS) sweep(last);
    const known = asked.get(requestId);
    const since = known !== undefined && last - known.last < PAUSE_MS ? known.since : last;
    if (!asked.delete(requestId) && asked.size >= MOST_REMEMBERED) return 0;
    asked.set(requestId, { since, last });
    return last - since;
  };
}

/** Says yes of a request about which it has been asked for an hour: nodes that are away for a while, or behind, had their time. */
export function createPatience(now: () => number): (requestId: string) => boolean {
  const waiting = createWaiting(now);
  return (requestId) => waiting(requestId) >= PATIENCE_MS;
}
