// Owns the contract of rate limits: how many calls somebody may make, wherever they are counted.

export interface Rate {
  readonly perMinute: number;
  /** That may come at once. */
  readonly burst: number;
}

export type Turn =
  | { readonly kind: 'admitted' }
  /** Asking earlier than this is in vain. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

export const ADMITTED: Turn = { kind: 'admitted' };

export interface RateLimiter {
  /**
   * Counts one call of `key`, if it may be made. In every span of time, wherever it begins, no more are admitted than the burst and what
   * the rate gives for its length. A call that is not admitted counts for nothing. Never rejects.
   */
  take(key: string, rate: Rate): Promise<Turn>;
}

/** Microseconds from one call to the next at the full rate; rounded so that it is rather too long. */
export function intervalOf({ perMinute }: Rate): number {
  return Math.ceil(60_000_000 / perMinute);
}

/** `waitMicroseconds`: until the next call is due. */
export function limitedFor(waitMicroseconds: number): Turn {
  return { kind: 'limited', retryAfterMs: Math.ceil(waitMicroseconds / 1000) };
}
