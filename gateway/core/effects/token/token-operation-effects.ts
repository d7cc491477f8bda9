// Owns what Token-2022 does to the settings of a mint or of a token account: operations, and rights that move.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { optionalAddressIn } from '../instruction-parts.ts';
import type { Ledger } from '../ledger.ts';

/** The account that is changed stands first in each of these instructions, its authority second. */
export function subjectOf(instruction: KnownInstruction): Address {
  const [subject] = instruction.accounts;
  if (subject === undefined) throw new Error(`${instruction.name} was decoded without accounts`);
  return subject.address;
}

export function operation(kind: string, says: string): InstructionEffect {
  return {
    says: `${says}: \`operations\``,
    apply: (ledger, instruction) => recordOperation(ledger, instruction, kind),
  };
}

export function recordOperation(ledger: Ledger, instruction: KnownInstruction, kind: string): void {
  const { index } = instruction;
  ledger.effects.operations.push({ instruction: index, basis: ledger.basis, kind, account: subjectOf(instruction) });
}

/** `argument`: names who, or what, has the right from now on. */
export function rightMoved(kind: string, argument: string, says: string): InstructionEffect {
  return {
    says: `${says}: \`authority_changes\``,
    apply: (ledger, instruction) => recordMovedRight(ledger, instruction, kind, argument),
  };
}

export function recordMovedRight(ledger: Ledger, instruction: KnownInstruction, kind: string, argument: string): void {
  ledger.effects.authorityChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind,
    account: subjectOf(instruction),
    from: instruction.accounts[1]?.address ?? null,
    to: optionalAddressIn(instruction, argument),
  });
}
