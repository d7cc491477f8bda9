// Owns whether this gateway's clock agrees with the database's, by which windows, expiries and leases are counted.

/** Approvals and session keys that it makes would end earlier or later than those of other gateways. */
const MOST_OFF_MS = 2_000;

export interface ClockCheckOptions {
  /** Unix milliseconds by the database's clock. */
  readonly databaseTime: () => Promise<number>;
  /** Unix milliseconds by this machine's clock. */
  readonly now: () => number;
  /** Seconds that this machine's clock is ahead; negative: behind. */
  readonly measured: (offsetSeconds: number) => void;
  /** Once for each change from right to wrong and back. */
  readonly warn: (facts: { readonly clock_offset_seconds: number }, message: string) => void;
}

/** Throws what is wrong, or what the database threw. The answer is taken to be as old as half of the round trip. */
export function createClockCheck({ databaseTime, now, measured, warn }: ClockCheckOptions): () => Promise<void> {
  let wasOff = false;
  return async () => {
    const asked = now();
    const time = await databaseTime();
    const offsetMs = (asked + now()) / 2 - time;
    measured(offsetMs / 1000);
    const isOff = Math.abs(offsetMs) > MOST_OFF_MS;
    const offset = { clock_offset_seconds: offsetMs / 1000 };
    if (isOff && !wasOff) warn(offset, 'the clock of this machine differs from that of the database: not ready');
    if (!isOff && wasOff) warn(offset, 'the clock of this machine agrees with that of the database again');
    wasOff = isOff;
    if (isOff) throw new Error(notReady(offsetMs));
  };
}

function notReady(offsetMs: number): string {
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
  const side = offsetMs > 0 ? 'ahead of' : 'behind';
  return `the clock of this machine is ${seconds} s ${side} that of the database; at most ${MOST_OFF_MS / 1000} s are let pass`;
}
