// Owns the shape of what the chain said about accounts when a transaction was judged.
import type { Address } from '../address.ts';

export interface AccountState {
  /** The program that owns it. */
  readonly owner: Address;
  readonly lamports: bigint;
  readonly data: Uint8Array;
}

export interface ChainFacts {
  /** Slot that the answer was true for; `null` when nothing had to be asked. */
  readonly slot: bigint | null;
  /** `null`: the chain says that there is no such account. Not in the map: not asked. */
  readonly accounts: ReadonlyMap<Address, AccountState | null>;
}
