// Owns the timestamps of requests to Turnkey: a request that is made again carries the first one's, so that its body is the same and Turnkey
// takes it for the same activity.

export interface RequestTimes {
  /** Unix milliseconds. */
  readonly of: (idempotencyKey: string) => number;
  /** The activity ended without a signature, for good: who asks again wants another one. */
  readonly forget: (idempotencyKey: string) => void;
}

/** Nobody repeats a call later: signers are given far less time. */
const KEPT_MS = 15 * 60 * 1000;
const MAX_KEPT = 10_000;

export function createRequestTimes(now: () => number = Date.now): RequestTimes {
  // Oldest first, as they were put in.
  const times = new Map<string, number>();
  return {
    of: (idempotencyKey) => {
      const present = now();
      for (const [key, time] of times) {
        if (times.size <= MAX_KEPT && Math.abs(present - time) <= KEPT_MS) break;
        times.delete(key);
      }
      const time = times.get(idempotencyKey) ?? present;
      times.set(idempotencyKey, time);
      return time;
    },
    forget: (idempotencyKey) => {
      times.delete(idempotencyKey);
    },
  };
}
