// Owns following a transaction's instructions, in order, through one ledger.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { DecodedInstruction, DecodedTransaction, KnownInstruction } from '../transaction/decoded-transaction.ts';
import type { ChainFacts } from './chain-facts.ts';
import { EFFECT_TABLES } from './effect-tables.ts';
import type { Basis } from './effects.ts';
import { type Ledger, openLedger, reportMissing } from './ledger.ts';

export function followInstructions(decoded: DecodedTransaction, wallet: Address, facts: ChainFacts): Ledger {
  const ledger = openLedger(wallet, facts);
  for (const instruction of decoded.instructions) followInstruction(ledger, instruction, 'message');
  return ledger;
}

/** What an instruction does that its message does not tell is a missing fact. `basis`: what is known of the instruction itself. */
export function followInstruction(ledger: Ledger, instruction: DecodedInstruction, basis: Basis): void {
  switch (instruction.kind) {
    case 'known': {
      const steps = instruction.parts.length === 0 ? [instruction] : instruction.parts;
      for (const step of steps) {
        ledger.basis = basis;
        apply(ledger, step);
      }
      break;
    }
    case 'described': {
      const { index, programName, name } = instruction;
      reportMissing(ledger, 'instruction', index, `what ${programName} ${name} does is not in its message`);
      break;
    }
    case 'unknown':
      reportMissing(ledger, 'instruction', instruction.index, instruction.reason);
      break;
    default:
      assertNever(instruction);
  }
}

function apply(ledger: Ledger, step: KnownInstruction): void {
  const effect = EFFECT_TABLES.get(step.programName)?.[step.name];
  if (effect === undefined) {
    reportMissing(ledger, 'instruction', step.index, `no effects are known for ${step.programName} ${step.name}`);
  } else {
    effect.apply(ledger, step);
  }
}
