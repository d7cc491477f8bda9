// Owns what the loaders' instructions have in common: what is done to a program, who may change it, and where its lamports go.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { payLamports } from '../lamport-payment.ts';
import { type Ledger, lamportsOf, reportMissing } from '../ledger.ts';
import { lamportRecipient } from '../movements.ts';

export function operateOnProgram(ledger: Ledger, instruction: KnownInstruction, kind: string, account: Address): void {
  ledger.effects.operations.push({ instruction: instruction.index, basis: ledger.basis, kind, account });
}

export function changeProgramAuthority(
  ledger: Ledger,
  instruction: KnownInstruction,
  change: { readonly kind: string; readonly account: Address; readonly from: Address; readonly to: Address | null },
): void {
  ledger.effects.authorityChanges.push({ instruction: instruction.index, basis: ledger.basis, ...change });
}

interface Way {
  /** An account that the loader keeps. */
  readonly source: Address;
  /** Who must sign for it; `null`: nobody. */
  readonly authority: Address | null;
  readonly destination: Address;
}

export interface LoaderPayment extends Way {
  readonly amount: bigint;
}

/**
 * Lamports leave an account that the loader keeps. They are the wallet's where it is the authority, and where the same transaction
 * took them from the wallet.
 */
export function payFromLoader(ledger: Ledger, instruction: KnownInstruction, payment: LoaderPayment): void {
  const { source, authority, destination, amount } = payment;
  const debitsWallet = drawsOnWallet(ledger, payment);
  const sourceOwner = debitsWallet ? ledger.wallet : (authority ?? source);
  payLamports(ledger, instruction.index, { source, sourceOwner, destination, amount }, debitsWallet);
}

/**
 * What an account will hold is not what was read: another transaction of the wallet can fill it before. So where what is the wallet's
 * goes to somebody else, the amount counts as not established.
 */
export function requireOwnDestination(ledger: Ledger, instruction: KnownInstruction, payment: Way): void {
  const { source, destination } = payment;
  if (!drawsOnWallet(ledger, payment) || lamportRecipient(ledger, destination) === ledger.wallet) return;
  const detail = `what ${source} will hold goes to ${destination}; what it held when it was read may grow`;
  reportMissing(ledger, 'amount', instruction.index, detail);
}

function drawsOnWallet({ wallet, effects }: Ledger, { source, authority }: Way): boolean {
  return authority === wallet || effects.creations.some(({ account, payer }) => account === source && payer === wallet);
}

/** Everything that an account holds leaves it, and with it the account is gone. */
export function closeLoaderAccount(ledger: Ledger, instruction: KnownInstruction, way: Way): void {
  const { index } = instruction;
  const { source: account, authority, destination } = way;
  const amount = requireLamports(ledger, account, index);
  const owner = authority ?? account;
  ledger.effects.closes.push({ instruction: index, basis: ledger.basis, account, owner, destination });
  ledger.rentHolders.set(account, 'nobody');
  requireOwnDestination(ledger, instruction, way);
  payFromLoader(ledger, instruction, { ...way, amount });
}

/** Zero, and named as missing, where they cannot be established. */
export function requireLamports(ledger: Ledger, account: Address, instruction: number): bigint {
  const lamports = lamportsOf(ledger, account);
  if (lamports === null) reportMissing(ledger, 'lamports', instruction, `${account} was not read from the chain`);
  return lamports ?? 0n;
}
