// Owns who a token instruction draws on: the accounts as its token program keeps them, and whether the wallet is owner, delegate or signs.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { optionalAccountIn, signsFrom } from '../instruction-parts.ts';
import { type Ledger, reportMissing, requireHolding } from '../ledger.ts';
import type { Holding } from './token-state.ts';

/** The token account as it stands now; names it as missing and answers `null` where it is none of the instruction's program. */
export function requireTokenAccount(ledger: Ledger, instruction: KnownInstruction, account: Address): Holding | null {
  const holding = requireHolding(ledger, account, instruction.index);
  if (holding === null || holding.tokenProgram === instruction.program) return holding;
  const detail = `${account} is an account of ${holding.tokenProgram}, the instruction one of ${instruction.program}`;
  reportMissing(ledger, 'token_account', instruction.index, detail);
  return null;
}

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
