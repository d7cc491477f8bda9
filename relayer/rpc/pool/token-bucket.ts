// Owns the rate at which one node is asked: so many a second, a second's worth at once, and a short wait for the next.

export interface TokenBucket {
  /** Milliseconds to wait before asking; `null`: too many wait already, and nothing is taken. */
  take(): number | null;
}

/** Longer, and whoever asks is better served by another node. */
const MAX_WAIT_MS = 1_000;

/** `now`: monotonic milliseconds. */
export function createTokenBucket(perSecond: number, now: () => number): TokenBucket {
  const mostAtOnce = Math.max(1, perSecond);
  let tokens = mostAtOnce;
  let filledAt = now();
  return {
    take: () => {
      const time = now();
      tokens = Math.min(mostAtOnce, tokens + ((time - filledAt) * perSecond) / 1000);
      filledAt = time;
      const waitMs = Math.max(0, ((1 - tokens) * 1000) / perSecond);
      if (waitMs > MAX_WAIT_MS) return null;
      tokens -= 1;
      return waitMs;
    },
  };
}
