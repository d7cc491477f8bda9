// Owns the shape of what the chain said about accounts when a transaction was judged.
import type { Address } from '../address.ts';

export interface AccountState {
  /** The program that owns it. */
  readonly owner: Address;
  readonly lamports: bigint;
  readonly data: Uint8Array;
}

export interface ChainFacts {
  /** The oldest slot that one of the accounts was read at; `null` when nothing had to be asked. */
  readonly slot: bigint | null;
  /** `null`: the chain says that there is no such account. Not in the map: not asked. */
  readonly accounts: ReadonlyMap<Address, AccountState | null>;
  /**
   * Decimals of mints of the classic token program that were read some time ago: the one thing in such a mint that never changes.
   * Whatever else of a mint is needed must be among `accounts`.
   */
  readonly mintDecimals?: ReadonlyMap<Address, number>;
}

/** Where the facts about the chain come from, and how old they are. */
export interface ChainReading {
  /** The oldest slot of what was read for this judgement; `null`: nothing was. */
  readonly slot: bigint | null;
  /** How many nodes had to agree on each fact. */
  readonly endpoints: number;
  /** What was not read again, because it cannot change: entries of lookup tables, decimals of mints. */
  readonly cached: readonly CachedFact[];
}

export interface CachedFact {
  /** Of the lookup table or mint. */
  readonly address: Address;
  /** That it was read at. */
  readonly slot: bigint;
}
