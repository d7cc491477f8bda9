// Owns how often a source asks: not sooner than its interval after it asked last, and never all replicas at the same moment.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** Resolves when it is time to ask, and counts as asking; the first time at once. Rejects with the signal's reason. */
  turn(signal: AbortSignal): Promise<void>;
  /** The next question may be asked after this time, whatever the interval is. */
  hasten(ms: number): void;
}

/** Replicas that were started together drift apart by this part of the interval. */
const JITTER = 0.2;

export function createPace(intervalMs: number): Pace {
  let due = 0;
  return {
    async turn(signal) {
      signal.throwIfAborted();
      const wait = due - performance.now();
      if (wait > 0) await pause(wait, signal);
      due = performance.now() + intervalMs * (1 - JITTER * Math.random());
    },
    hasten(ms) {
      due = Math.min(due, performance.now() + ms);
    },
  };
}

export function secondsSince(started: number): number {
  return (performance.now() - started) / 1_000;
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => signal.throwIfAborted());
}
