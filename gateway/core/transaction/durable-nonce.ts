// Owns what makes a transaction live by a durable nonce instead of a blockhash, and what a nonce account stores.
import type { Address } from '../address.ts';
import { encodeBase58 } from '../base58.ts';
import type { CompiledTransaction } from './compiled-transaction.ts';
import { SYSTEM_PROGRAM } from './programs/program-ids.ts';

export interface DurableNonce {
  readonly nonceAccount: Address;
  /** Base58. */
  readonly nonce: string;
}

/**
 * The runtime's rule (solana-message, get_durable_nonce): the first instruction is System, its data start with 04 00 00 00,
 * and its first account is a static key. More data or accounts do not matter. Such a transaction may name a recent blockhash all the
 * same, and lands then as any other.
 */
export function durableNonceOf(tx: CompiledTransaction): DurableNonce | null {
  const first = tx.instructions[0];
  const nonceAccount = tx.staticAccounts[first?.accountIndexes[0] ?? tx.staticAccounts.length];
  if (first === undefined || nonceAccount === undefined) return null;
  if (tx.staticAccounts[first.programIndex] !== SYSTEM_PROGRAM || !startsWithAdvanceNonce(first.data)) return null;
  return { nonceAccount, nonce: tx.lifetimeToken };
}

function startsWithAdvanceNonce(data: Uint8Array): boolean {
  return data.length >= 4 && data[0] === 4 && data[1] === 0 && data[2] === 0 && data[3] === 0;
}

/** nonce::state::Versions: version u32, state u32, authority, nonce, lamports per signature. */
const NONCE_ACCOUNT_BYTES = 80;
const NONCE_AT = 40;

export type StoredNonce =
  | { readonly kind: 'stored'; readonly nonce: string }
  /** No account, or one without a nonce: the next one that it gets is made of a later blockhash. */
  | { readonly kind: 'none' }
  /** Not an account whose nonces are kept by the System program. */
  | { readonly kind: 'foreign' };

/** `null`: there is no such account. */
export function storedNonce(account: { readonly owner: Address; readonly data: Uint8Array } | null): StoredNonce {
  if (account === null) return { kind: 'none' };
  const { owner, data } = account;
  if (owner !== SYSTEM_PROGRAM || data.length !== NONCE_ACCOUNT_BYTES) return { kind: 'foreign' };
  const state = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(4, true);
  if (state === 0) return { kind: 'none' };
  return { kind: 'stored', nonce: encodeBase58(data.subarray(NONCE_AT, NONCE_AT + 32)) };
}
