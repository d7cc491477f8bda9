// Owns what the Feature Gate program's instruction does.
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import type { FeatureGateInstructionName } from '../transaction/programs/feature-gate.ts';
import type { InstructionEffect } from './instruction-effect.ts';
import { accountIn } from './instruction-parts.ts';
import { payLamports } from './lamport-payment.ts';
import { type Ledger, lamportsOf, reportMissing } from './ledger.ts';

export const FEATURE_GATE_EFFECTS = {
  revoke_pending_activation: {
    says: 'closes the account of a feature and burns its SOL: `operations`, `closes`, `transfers` to the incinerator',
    apply: revoke,
  },
} satisfies Record<FeatureGateInstructionName, InstructionEffect>;

/** The key of the feature is its own authority. */
function revoke(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  const account = accountIn(instruction, 'feature');
  const destination = accountIn(instruction, 'incinerator');
  const lamports = lamportsOf(ledger, account);
  const { basis } = ledger;
  const debitsWallet = account === ledger.wallet;
  ledger.effects.operations.push({ instruction: index, basis, kind: 'feature_revoke', account });
  ledger.effects.closes.push({ instruction: index, basis, account, owner: account, destination });
  if (lamports === null) {
    reportMissing(ledger, 'lamports', index, `${account} was not read from the chain`);
  } else if (debitsWallet) {
    reportMissing(
      ledger,
      'amount',
      index,
      `all that ${account} will hold is burned; what it held when it was read may grow`,
    );
  }
  const payment = { source: account, sourceOwner: account, destination, amount: lamports ?? 0n };
  payLamports(ledger, index, payment, debitsWallet);
}
