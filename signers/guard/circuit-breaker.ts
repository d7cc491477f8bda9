// Owns when a service that keeps failing is left alone: closed, open, and half open with one call that tries it.

/** `half_open`: it was left alone long enough, and one call may try it. */
export type BreakerState = 'closed' | 'half_open' | 'open';

/** What became of a call that was let through. Only the first of these counts. */
export interface Passage {
  /** The service did its work; to refuse is work too. */
  readonly succeeded: () => void;
  readonly failed: () => void;
  /** It says nothing of the service: the caller left. */
  readonly unjudged: () => void;
}

export interface CircuitBreaker {
  readonly state: () => BreakerState;
  /** Whether a call would be let through now. */
  readonly admits: () => boolean;
  /** `null`: the service is being left alone. */
  readonly pass: () => Passage | null;
}

/** Consecutive failures that open it. */
export const OPENS_AFTER = 5;
export const OPEN_MS = 30_000;

type Phase =
  | { readonly kind: 'closed'; readonly failures: number }
  /** `until`: milliseconds of the clock. */
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'probing' };

/** `now`: milliseconds that never go back. `moved` is told when it opens and when it closes again. */
export function createCircuitBreaker(now: () => number, moved: (state: 'closed' | 'open') => void): CircuitBreaker {
  let phase: Phase = { kind: 'closed', failures: 0 };
  /** Counts openings and closings: what was begun before one of them says nothing of the service now. */
  let epoch = 0;
  const open = (until: number): void => {
    phase = { kind: 'open', until };
    epoch += 1;
    moved('open');
  };
  const closeAgain = (): void => {
    phase = { kind: 'closed', failures: 0 };
    epoch += 1;
    moved('closed');
  };
  const admits = (): boolean => phase.kind === 'closed' || (phase.kind === 'open' && now() >= phase.until);
  const passage = (): Passage => {
    const begun = epoch;
    const isProbe = phase.kind === 'probing';
    let isJudged = false;
    const judge = (verdict: () => void) => () => {
      if (!isJudged && begun === epoch) verdict();
      isJudged = true;
    };
    return {
      succeeded: judge(() => {
        if (isProbe) closeAgain();
        else phase = { kind: 'closed', failures: 0 };
      }),
      failed: judge(() => {
        const failures = phase.kind === 'closed' ? phase.failures + 1 : OPENS_AFTER;
        if (failures >= OPENS_AFTER) open(now() + OPEN_MS);
        else phase = { kind: 'closed', failures };
      }),
      unjudged: judge(() => {
        if (isProbe) phase = { kind: 'open', until: now() };
      }),
    };
  };
  return {
    state: () => {
      if (phase.kind === 'probing') return 'half_open';
      return phase.kind === 'open' && now() >= phase.until ? 'half_open' : phase.kind;
    },
    admits,
    pass: () => {
      if (!admits()) return null;
      if (phase.kind === 'open') phase = { kind: 'probing' };
      return passage();
    },
  };
}
