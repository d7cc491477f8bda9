// Owns the shape of what a node answered when it was asked to simulate a transaction: read strictly, believed in nothing yet.
import type { Address } from '../address.ts';
import type { AccountState } from '../effects/chain-facts.ts';

/** An instruction that a program called. Which form a node gives hangs on the program: those that it knows it names itself. */
export type InnerCall =
  /** Indexes into the accounts of the transaction. */
  | {
      readonly form: 'compiled';
      readonly stackHeight: number;
      readonly programIndex: number;
      readonly accountIndexes: readonly number[];
      readonly data: Uint8Array;
    }
  | {
      readonly form: 'resolved';
      readonly stackHeight: number;
      readonly program: Address;
      readonly accounts: readonly Address[];
      readonly data: Uint8Array;
    }
  /** Named by the node, its bytes are gone. */
  | {
      readonly form: 'parsed';
      readonly stackHeight: number;
      readonly program: Address;
      /** As the node gave it, with exact integers: `{type, info}`, or the text of a memo. */
      readonly parsed: unknown;
    };

export interface InnerCalls {
  /** Position of the top-level instruction that caused them. */
  readonly index: number;
  /** In order of execution; a stack height of 2 is called by the top-level instruction itself. */
  readonly calls: readonly InnerCall[];
}

export type SimulationAnswer =
  /** No answer in time, an error, or an answer that makes no sense. */
  | { readonly status: 'unavailable'; readonly reason: string }
  /** `error` is the runtime's, as compact JSON text. */
  | { readonly status: 'failed'; readonly slot: bigint; readonly error: string }
  | {
      readonly status: 'succeeded';
      readonly slot: bigint;
      readonly unitsConsumed: bigint;
      /** `null`: the node does not say. */
      readonly innerCalls: readonly InnerCalls[] | null;
      /** All writable accounts as the transaction leaves them; `null` in it: no such account. `null`: the node does not say. */
      readonly postStates: ReadonlyMap<Address, AccountState | null> | null;
    };
