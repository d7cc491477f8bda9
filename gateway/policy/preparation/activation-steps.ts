// Owns the steps of an activation by name, and how their times are taken: operators see by them where the time goes.

export const ACTIVATION_STEPS = [
  /** From the first sign that the source has something new until it is here. */
  'fetch',
  /** Unpacked, and its manifest held against what is in it. */
  'read',
  'verify',
  /** IDLs and data held against their schemas. */
  'check',
  /** Metered and compiled, and the data loaded into it. */
  'compile',
  /** What must be denied, and its fixtures. */
  'test',
  'warm',
  /** Packed for the record, and hashed. */
  'pack',
  /** Of preparing: waiting for the thread, and what was handed over. */
  'wait',
  /** Kept in the record. */
  'keep',
  /** Instances for requests are made. */
  'open',
  /** Chosen for all replicas. */
  'choose',
  /** Recorded that this replica decides by it. */
  'record',
] as const;

export type ActivationStep = (typeof ACTIVATION_STEPS)[number];

export type StepSeconds = ReadonlyMap<ActivationStep, number>;

export interface Stopwatch {
  /** The step ends now; it began where the one before it ended. */
  ended(step: ActivationStep): void;
  seconds(): StepSeconds;
}

export function startStopwatch(): Stopwatch {
  const seconds = new Map<ActivationStep, number>();
  let last = performance.now();
  return {
    ended(step) {
      const now = performance.now();
      seconds.set(step, (seconds.get(step) ?? 0) + (now - last) / 1_000);
      last = now;
    },
    seconds: () => seconds,
  };
}
