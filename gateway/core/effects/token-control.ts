// Owns whether a token instruction draws on the wallet: as owner, as delegate, as close authority or as multisig member.
import type { Address } from '../address.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { optionalAccountIn, signsFrom } from './instruction-parts.ts';
import type { Ledger } from './ledger.ts';

/** True where the wallet signs in the authority's place or behind it, or owned the account at any point. */
export function drawsOnWallet(ledger: Ledger, instruction: KnownInstruction, account: Address): boolean {
  return ledger.walletHoldings.has(account) || signsFrom(instruction, authorityRole(instruction), ledger.wallet);
}

/** The account that stands as authority: a key, or a multisig whose members follow. */
export function authorityOf(instruction: KnownInstruction): Address | null {
  return optionalAccountIn(instruction, authorityRole(instruction));
}

function authorityRole(instruction: KnownInstruction): string {
  return optionalAccountIn(instruction, 'authority') === null ? 'owner' : 'authority';
}
