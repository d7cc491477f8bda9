// Owns which accounts of a transaction are watched: the wallet, and what it owns or has a say in, as the chain gave it before.
import type { Address } from '../address.ts';
import { decodeBase58 } from '../base58.ts';
import type { AccountState, ChainFacts } from '../effects/chain-facts.ts';
import type { Effects } from '../effects/effects.ts';
import { isNativeProgram } from '../transaction/programs/decode-instruction.ts';
import { readMultisigMembers, readTokenAccountFields, type TokenAccountFields } from './token-account-fields.ts';

/** Authorities stand near the start of an account. */
const SEARCHED_BYTES = 4_096;

export type ProtectedAccount = { readonly address: Address; readonly before: AccountState } & (
  | { readonly kind: 'wallet' }
  | { readonly kind: 'token_account'; readonly fields: TokenAccountFields }
  /** A nonce, a stake, a mint, a multisig, a program, … in which the wallet's address stands. */
  | { readonly kind: 'state' }
);

/** `null`: not the wallet's in any way. `effects`: an account that they count as the wallet's is one. */
export function protectedAccount(
  address: Address,
  before: AccountState,
  wallet: Address,
  facts: ChainFacts,
  effects: Effects,
): ProtectedAccount | null {
  if (address === wallet) return { kind: 'wallet', address, before };
  const fields = readTokenAccountFields(before);
  const isNamed = effects.protectedBalances.some(({ account }) => account === address);
  if (fields !== null) {
    return isNamed || hasSay(fields, wallet, facts) ? { kind: 'token_account', address, before, fields } : null;
  }
  const isKept = isNativeProgram(before.owner) && contains(before.data, wallet);
  return isNamed || isKept ? { kind: 'state', address, before } : null;
}

function hasSay({ owner, delegate, closeAuthority }: TokenAccountFields, wallet: Address, facts: ChainFacts): boolean {
  return [owner, delegate, closeAuthority].some((authority) => {
    if (authority === null || authority === wallet) return authority === wallet;
    const state = facts.accounts.get(authority) ?? null;
    return state !== null && readMultisigMembers(state).includes(wallet);
  });
}

function contains(data: Uint8Array, address: Address): boolean {
  const wanted = decodeBase58(address);
  if (wanted === null) return false;
  const end = Math.min(data.length, SEARCHED_BYTES) - wanted.length;
  for (let at = data.indexOf(wanted[0] ?? 0); at >= 0 && at <= end; at = data.indexOf(wanted[0] ?? 0, at + 1)) {
    if (wanted.every((byte, i) => data[at + i] === byte)) return true;
  }
  return false;
}
