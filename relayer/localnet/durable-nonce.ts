// Owns durable nonces on the local chain: LiteSVM knows one blockhash at a time, so the chain checks the nonce itself.
import { createHash } from 'node:crypto';
import * as internal from 'litesvm/dist/internal.js';
import { decodeBase58 } from '../base58.ts';
import type { WireTransaction } from './wire-transaction.ts';

const NONCE_ACCOUNT_BYTES = 80;
const ADVANCE_NONCE = [4, 0, 0, 0];

/**
 * The nonce account of a durable nonce transaction, or undefined: the first instruction is System's AdvanceNonceAccount
 * (its data may be longer, it may name more accounts) and the account is a writable static key.
 */
export function nonceAccountOf(transaction: WireTransaction): Uint8Array | undefined {
  const first = transaction.instructions[0];
  const program = first === undefined ? undefined : transaction.keys[first.programIndex];
  const index = first?.accounts[0];
  if (first === undefined || index === undefined || program?.some((byte) => byte !== 0) !== false) return undefined;
  const isAdvance = ADVANCE_NONCE.every((byte, at) => first.data[at] === byte);
  return isAdvance && isWritableStatic(transaction, index) ? transaction.keys[index] : undefined;
}

/** Whether the transaction may run now: the stored nonce is the one it names, it can advance, its authority signs. */
export function isNonceCurrent(svm: internal.LiteSvm, transaction: WireTransaction): boolean {
  const address = nonceAccountOf(transaction);
  const stored = address === undefined ? undefined : svm.getAccount(address);
  if (stored === undefined || stored === null || stored.owner().some((byte) => byte !== 0)) return false;
  const data = Buffer.from(stored.data());
  if (data.length !== NONCE_ACCOUNT_BYTES || data.readUInt32LE(0) !== 1 || data.readUInt32LE(4) !== 1) return false;
  const nonce = data.subarray(40, 72);
  const authority = data.subarray(8, 40);
  const signs = transaction.instructions[0]?.accounts.some(
    (index) => index < transaction.signers && authority.equals(transaction.keys[index] ?? Buffer.alloc(0)),
  );
  return signs === true && nonce.equals(transaction.blockhash) && !nonce.equals(nextNonce(svm));
}

/** What the runtime does when a nonce transaction fails: its nonce is used up nevertheless. */
export function advanceNonce(svm: internal.LiteSvm, address: Uint8Array): void {
  const account = svm.getAccount(address);
  if (account === null) return;
  const data = Buffer.from(account.data());
  nextNonce(svm).copy(data, 40);
  const advanced = new internal.Account(
    account.lamports(),
    data,
    account.owner(),
    account.executable(),
    account.rentEpoch(),
  );
  svm.setAccount(address, advanced);
}

/** DurableNonce::from_blockhash of the blockhash that LiteSVM advances nonces with. */
function nextNonce(svm: internal.LiteSvm): Buffer {
  const blockhash = decodeBase58(svm.latestBlockhash()) ?? new Uint8Array();
  return createHash('sha256').update('DURABLE_NONCE').update(blockhash).digest();
}

function isWritableStatic(transaction: WireTransaction, index: number): boolean {
  const { signers, readonlySigned, readonlyUnsigned, keys } = transaction;
  if (index < signers) return index < signers - readonlySigned;
  return index < keys.length - readonlyUnsigned;
}
