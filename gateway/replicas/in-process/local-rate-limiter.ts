// Owns rate limits that one process counts by itself, in bounded memory.
import { ADMITTED, intervalOf, limitedFor, type Rate, type RateLimiter, type Turn } from '../rate-limiter.ts';

export interface LocalRateLimiter extends RateLimiter {
  takeNow(key: string, rate: Rate): Turn;
  /** The call that was admitted last does not count after all. */
  giveBack(key: string, rate: Rate): void;
  readonly entries: number;
}

export interface LocalRateLimiterOptions {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly maxEntries?: number;
}

const MAX_ENTRIES = 50_000;

/** Of each key it keeps when its calls so far would be due at the full rate, in microseconds (the generic cell rate algorithm). */
export function createLocalRateLimiter({ now, maxEntries = MAX_ENTRIES }: LocalRateLimiterOptions): LocalRateLimiter {
  const dueOf = new Map<string, number>();
  const microseconds = (): number => Math.round(now() * 1000);
  function keep(key: string, due: number, at: number): void {
    // The map is in the order of use: what was not used for the longest time goes first, and what is due counts no more.
    dueOf.delete(key);
    dueOf.set(key, due);
    for (const [oldest, itsDue] of dueOf) {
      if (itsDue > at && dueOf.size <= maxEntries) break;
      dueOf.delete(oldest);
    }
  }
  function takeNow(key: string, rate: Rate): Turn {
    const at = microseconds();
    const interval = intervalOf(rate);
    // A rate that was lowered must not keep anybody waiting for more than a burst of the new one.
    const due = Math.min(Math.max(dueOf.get(key) ?? 0, at), at + rate.burst * interval);
    const wait = due - (rate.burst - 1) * interval - at;
    if (wait > 0) return limitedFor(wait);
    keep(key, due + interval, at);
    return ADMITTED;
  }
  return {
    takeNow,
    take: async (key, rate) => takeNow(key, rate),
    giveBack(key, rate) {
      const due = dueOf.get(key);
      if (due !== undefined) keep(key, due - intervalOf(rate), microseconds());
    },
    get entries() {
      return dueOf.size;
    },
  };
}
