// Owns the shape of what a simulation of the judged transaction showed. It shows one future; it proves none.
import type { Address } from '../address.ts';
import type { Effects } from '../effects/effects.ts';
import type { DecodedInstruction } from '../transaction/decoded-transaction.ts';

/** An instruction as the simulation ran it, in order of execution. */
export interface SimulatedInstruction {
  /** 1 for a top-level instruction, 2 for one that it called, and so on. */
  readonly depth: number;
  /** Its `index` is that of the top-level instruction. */
  readonly instruction: DecodedInstruction;
}

/** A change of a protected account that no decoded instruction explains. */
export interface Divergence {
  readonly account: Address;
  /** `lamports`, `token_amount`, `token_owner`, `token_delegate`, `close_authority`, `owner_program`, … */
  readonly change: string;
  /** For people: what was expected and what the simulation left there. */
  readonly detail: string;
}

export type Simulation =
  /** Nothing asked for one: every effect is known from the message. */
  | { readonly status: 'not_run' }
  /** The node gave no answer in time, or one that makes no sense. */
  | { readonly status: 'unavailable'; readonly reason: string }
  /** The transaction fails. `error` is the runtime's, as compact JSON text. */
  | { readonly status: 'failed'; readonly slot: bigint; readonly error: string }
  | {
      readonly status: 'succeeded';
      readonly slot: bigint;
      readonly unitsConsumed: bigint;
      /** What the node left out, in words: inner instructions, states of accounts. Empty: the picture is complete. */
      readonly missing: readonly string[];
      readonly instructions: readonly SimulatedInstruction[];
      /** Of the message where it tells them, and else of the inner instructions. */
      readonly effects: Effects;
      readonly divergences: readonly Divergence[];
    };

export const NOT_SIMULATED: Simulation = { status: 'not_run' };
