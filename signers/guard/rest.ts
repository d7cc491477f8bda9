// Owns how long a service that has too much to do is left alone: nobody is let in to it meanwhile.
import type { Bulkhead } from './bulkhead.ts';
import type { GuardClock } from './guard-clock.ts';

export interface Rest {
  /** The service asked to be left alone so long; `undefined`: it does not say. What it asked before stands where that is longer. */
  readonly take: (milliseconds: number | undefined) => void;
  /** 0: it may be asked. */
  readonly leftMs: () => number;
  /** At once, and for good. */
  readonly end: () => void;
}

/** Most quotas are counted by the second. */
const UNSAID_MS = 1_000;
/** However often calls are throttled, they do not come back faster. */
const LEAST_MS = 250;
/** After this it is tried again, whatever it asked for. */
const MOST_MS = 60_000;

export function createRest(bulkhead: Pick<Bulkhead, 'shut' | 'open'>, { elapsedMs, pause }: GuardClock): Rest {
  const closing = new AbortController();
  let until = 0;
  let isResting = false;
  const leftMs = (): number => (isResting ? Math.max(0, until - elapsedMs()) : 0);
  const rest = async (): Promise<void> => {
    isResting = true;
    bulkhead.shut();
    while (leftMs() > 0 && !closing.signal.aborted) {
      await pause(leftMs(), closing.signal).catch(() => undefined);
    }
    isResting = false;
    bulkhead.open();
  };
  return {
    take: (milliseconds = UNSAID_MS) => {
      if (closing.signal.aborted) return;
      until = Math.max(until, elapsedMs() + Math.min(Math.max(milliseconds, LEAST_MS), MOST_MS));
      if (!isResting) void rest();
    },
    leftMs,
    end: () => closing.abort(),
  };
}
