// Owns who holds the authorities of stake accounts as a transaction goes on, and whether the wallet has a part in them.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { signs, signsFrom } from '../instruction-parts.ts';
import { type Ledger, lookUp, reportMissing } from '../ledger.ts';
import { readStakeAuthorities, type StakeAuthorities } from './stake-state.ts';

/** Authorities as they stand now; names the account as missing and answers `null` when they cannot be established. */
export function requireStake(ledger: Ledger, account: Address, instruction: number): StakeAuthorities | null {
  const known = knownStake(ledger, account);
  if (known !== null) return known;
  const unread = !ledger.stakes.has(account) && lookUp(ledger, account) === undefined;
  const reason = unread ? 'was not read from the chain' : 'is no initialized stake account at this point';
  reportMissing(ledger, 'stake_account', instruction, `${account} ${reason}`);
  return null;
}

/** The same without asking for it: `null` when nobody needed to know. */
export function knownStake(ledger: Ledger, account: Address): StakeAuthorities | null {
  const state = ledger.facts.accounts.has(account) ? lookUp(ledger, account) : null;
  const known = ledger.stakes.get(account);
  if (known !== undefined) return known;
  const read = state ? readStakeAuthorities(state) : null;
  if (read !== null) ledger.stakes.set(account, read);
  return read;
}

/**
 * The program takes an authority from any signer, so the wallet's signature in any role counts, but for a withdrawal, where only
 * signatures from the authority on do: the wallet may be but the recipient, and pay the fee. It stays counted: what the wallet gave
 * away earlier in the transaction leaves it all the same.
 */
export function takesPart(ledger: Ledger, instruction: KnownInstruction, account: Address): boolean {
  const { wallet } = ledger;
  const owns = knownStake(ledger, account)?.withdrawer === wallet;
  const withdraws = instruction.name === 'withdraw';
  const signed = withdraws ? signsFrom(instruction, 'withdraw_authority', wallet) : signs(instruction, wallet);
  if (owns || signed) ledger.controlled.add(account);
  return ledger.controlled.has(account);
}
