// Owns moving lamports as native SOL from one account to another.
import { type Address, NATIVE_SOL } from '../address.ts';
import { type Ledger, moveLamports } from './ledger.ts';
import { lamportRecipient, recordTransfer } from './movements.ts';

export interface LamportPayment {
  readonly source: Address;
  readonly sourceOwner: Address | null;
  readonly destination: Address;
  readonly amount: bigint;
}

/** Moves lamports as native SOL. */
export function payLamports(ledger: Ledger, instruction: number, payment: LamportPayment, debitsWallet: boolean): void {
  const recipient = lamportRecipient(ledger, payment.destination);
  recordTransfer(ledger, { instruction, asset: NATIVE_SOL, decimals: 9, ...payment, recipient }, debitsWallet);
  moveLamports(ledger, payment.source, payment.destination, payment.amount);
}
