// Owns the shape of a transaction that somebody else than the wallet pays for, as far as that somebody judges it.
import type { Effects } from '../effects/effects.ts';
import type { SimulatedInstruction } from '../simulation/simulation.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';

export interface SponsoredActs {
  readonly wallet: string;
  readonly decoded: DecodedTransaction;
  /** Of the message, then of the simulation where there is one. */
  readonly effects: readonly [Effects, ...Effects[]];
  /** As the simulation ran them. Empty: there was none. */
  readonly ran: readonly SimulatedInstruction[];
  /** The runtime's error, as a simulation showed it; `null`: it showed none, or there was none. */
  readonly fails: string | null;
}
