// Owns how long a start waits for the first check of each backend: one that hangs holds up no other.
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_ROUND_MS = 2_000;

/** Returns when the round is over, or after two seconds; it goes on then. */
export async function firstRound(round: Promise<unknown>): Promise<void> {
  const waiting = new AbortController();
  const enough = sleep(FIRST_ROUND_MS, undefined, { signal: waiting.signal }).catch(() => undefined);
  try {
    await Promise.race([round, enough]);
  } finally {
    waiting.abort();
  }
}
