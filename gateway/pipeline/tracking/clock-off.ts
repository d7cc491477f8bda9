// Owns whether the clock of this machine is too far from the database's to look at requests by it: what is due, and what is old enough to be
// dead, would be told wrong. Where readiness draws its line is far below.
import type { PipelineDeps } from '../pipeline-deps.ts';

/** Half of what a judgement may be younger than its time says, before what lives could be taken for dead. */
const MOST_OFF_MS = 300_000;
const RESTS = 'the tracker rests: the clock of this machine is far from that of the database';

/** Warns once for each change. Throws what the store throws. */
export function createClockOff({ state, now, warn }: Pick<PipelineDeps, 'state' | 'now' | 'warn'>) {
  let wasOff = false;
  return async (): Promise<boolean> => {
    const offMs = now() - (await state.time());
    const isOff = Math.abs(offMs) > MOST_OFF_MS;
    if (isOff && !wasOff) warn(RESTS, { clock_offset_seconds: (offMs / 1000).toFixed(1) });
    wasOff = isOff;
    return isOff;
  };
}
