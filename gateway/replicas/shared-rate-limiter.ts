// Owns a rate limit of all replicas together that outlives what they share: each counts its own calls too, whatever the others do.
import type { LocalRateLimiter } from './in-process/local-rate-limiter.ts';
import { ADMITTED, type Rate, type RateLimiter, type Turn } from './rate-limiter.ts';

/** Counts for all replicas; rejects where it cannot. */
export interface CommonCount {
  take(key: string, rate: Rate): Promise<Turn>;
}

/**
 * Both must admit. A caller who is limited here costs the others nothing; where the common count is away, or forgets, the rate of
 * one gateway still holds, for the calls of before too.
 */
export function createSharedRateLimiter(own: LocalRateLimiter, common: CommonCount): RateLimiter {
  return {
    async take(key, rate) {
      const turn = own.takeNow(key, rate);
      if (turn.kind === 'limited') return turn;
      return common.take(key, rate).catch(() => ADMITTED);
    },
  };
}
