// Owns how long this process looks at what no nodes can prove before that is taken for the last word.

export const PATIENCE_MS = 3_600_000;
/** What nobody asked about for so long was something else meanwhile, and begins anew. */
const PAUSE_MS = 600_000;
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
  return (requestId) => {
    const last = now();
    for (const [id, entry] of asked) {
      if (last - entry.last < PAUSE_MS) break;
      asked.delete(id);
    }
    const since = asked.get(requestId)?.since ?? last;
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
