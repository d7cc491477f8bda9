// Owns the shape of a row that says what one kind of instruction does.
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import type { Ledger } from './ledger.ts';

/** Follows one instruction through the ledger. */
export type ApplyInstruction = (ledger: Ledger, instruction: KnownInstruction) => void;

/** The effect of one kind of instruction. */
export interface InstructionEffect {
  /** For people, in docs/decoding.md: what it does, and the list of effects that names it. */
  readonly says: string;
  readonly apply: ApplyInstruction;
}

/** By name of the instruction. */
export type EffectTable = Readonly<Record<string, InstructionEffect>>;

/** For what reads only, or only takes a right away. */
export function nothing(says: string): InstructionEffect {
  return { says, apply: () => undefined };
}
