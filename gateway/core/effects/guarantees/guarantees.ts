// Owns which bounds on its effects a transaction carries itself.
import type { DecodedInstruction } from '../../transaction/decoded-transaction.ts';
import type { Guarantee } from '../effects.ts';
import { argumentGuarantees } from './argument-guarantees.ts';
import { assertedGuarantees } from './asserted-guarantees.ts';

/** In the order of the instructions; all of them are needed, as a later one can undo what an earlier one asserts. */
export function guaranteesOf(instructions: readonly DecodedInstruction[]): readonly Guarantee[] {
  return [...assertedGuarantees(instructions), ...argumentGuarantees(instructions)].sort(
    (a, b) => a.instruction - b.instruction,
  );
}
