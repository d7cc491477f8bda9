// Owns where a limit stands: what is used, reserved and left, and when more fits.
import type { Limit } from '../decision/decision.ts';

export interface Standing {
  readonly limit: Limit;
  readonly budget: string;
  /** Settled within the window. */
  readonly used: bigint;
  /** Signed or about to be, and not yet decided: counts in every window. */
  readonly reserved: bigint;
  /** Unix milliseconds at which the next part of `used` leaves the window; `null`: none does. */
  readonly freesAt: number | null;
}

/** Where a limit stands against an amount. */
export interface StandingOf extends Standing {
  readonly amount: bigint;
  /** Unix milliseconds from which the amount fits, if nothing more is used; `null`: not by time alone. */
  readonly fitsAt: number | null;
}

/** What still fits; never below zero, though a limit may have been lowered below what is used. */
export function left({ limit, used, reserved }: Standing): bigint {
  const rest = limit.max - used - reserved;
  return rest > 0n ? rest : 0n;
}
