// Owns what nonce instructions do. The runtime takes the nonce authority from any signer, so any signing role counts.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, addressIn, firstSigner, integerIn, signs } from '../instruction-parts.ts';
import { payLamports } from '../lamport-payment.ts';
import type { Ledger } from '../ledger.ts';

export function advanceNonce(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'advance');
}

export function initializeNonce(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'initialize');
  giveAuthority(ledger, instruction, null, addressIn(instruction, 'nonce_authority'));
}

export function upgradeNonce(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'upgrade');
}

export function authorizeNonce(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'authorize');
  giveAuthority(ledger, instruction, firstSigner(instruction), addressIn(instruction, 'new_nonce_authority'));
}

export function withdrawNonce(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'withdraw');
  const walletSigns = signs(instruction, ledger.wallet);
  const payment = {
    source: accountIn(instruction, 'nonce_account'),
    sourceOwner: walletSigns ? ledger.wallet : firstSigner(instruction),
    destination: accountIn(instruction, 'recipient'),
    amount: integerIn(instruction, 'lamports'),
  };
  payLamports(ledger, instruction.index, payment, walletSigns);
}

/** Whoever has the authority can withdraw everything. */
function giveAuthority(ledger: Ledger, instruction: KnownInstruction, from: Address | null, to: Address): void {
  const account = accountIn(instruction, 'nonce_account');
  ledger.rentHolders.set(account, to);
  const { index } = instruction;
  const { basis } = ledger;
  ledger.effects.authorityChanges.push({ instruction: index, basis, kind: 'nonce_authority', account, from, to });
}

function operate(ledger: Ledger, instruction: KnownInstruction, kind: string): void {
  const account = accountIn(instruction, 'nonce_account');
  ledger.effects.operations.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: `nonce_${kind}`,
    account,
  });
}
