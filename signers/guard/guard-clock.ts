// Owns what a guard knows of time.
import { setTimeout as wait } from 'node:timers/promises';

export interface GuardClock {
  /** Milliseconds that never go back. */
  readonly elapsedMs: () => number;
  /** Before something is asked again; rejects when the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export const REAL_CLOCK: GuardClock = {
  elapsedMs: () => performance.now(),
  pause: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
};
