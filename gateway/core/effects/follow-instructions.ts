// Owns following a transaction's instructions, in order, through one ledger.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { DecodedTransaction, KnownInstruction } from '../transaction/decoded-transaction.ts';
import { tokenSteps } from '../transaction/programs/spl-token.ts';
import { ASSOCIATED_TOKEN_EFFECTS } from './associated-token-effects.ts';
import type { ChainFacts } from './chain-facts.ts';
import { type ApplyInstruction, type Ledger, openLedger, reportMissing } from './ledger.ts';
import { SYSTEM_EFFECTS } from './system-effects.ts';
import { TOKEN_EFFECTS } from './token-effects.ts';

type EffectTable = Readonly<Record<string, ApplyInstruction>>;

/** Programs whose instructions change nothing that effects report; the fee looks at Compute Budget itself. */
const WITHOUT_EFFECTS: ReadonlySet<string> = new Set(['compute_budget', 'memo']);

const TABLES: ReadonlyMap<string, EffectTable> = new Map<string, EffectTable>([
  ['system', SYSTEM_EFFECTS],
  ['spl_token', TOKEN_EFFECTS],
  ['associated_token_account', ASSOCIATED_TOKEN_EFFECTS],
]);

export function followInstructions(decoded: DecodedTransaction, wallet: Address, facts: ChainFacts): Ledger {
  const ledger = openLedger(wallet, facts);
  for (const instruction of decoded.instructions) {
    switch (instruction.kind) {
      case 'known':
        apply(ledger, instruction);
        break;
      case 'unknown':
        reportMissing(ledger, 'instruction', instruction.index, instruction.reason);
        break;
      default:
        assertNever(instruction);
    }
  }
  return ledger;
}

function apply(ledger: Ledger, instruction: KnownInstruction): void {
  if (WITHOUT_EFFECTS.has(instruction.programName)) return;
  const table = TABLES.get(instruction.programName);
  const steps = instruction.programName === 'spl_token' ? tokenSteps(instruction) : [instruction];
  for (const step of steps) {
    const applyStep = table?.[step.name];
    if (applyStep === undefined) {
      const detail = `no effects are known for ${step.programName} ${step.name}`;
      reportMissing(ledger, 'instruction', instruction.index, detail);
    } else {
      applyStep(ledger, step);
    }
  }
}
