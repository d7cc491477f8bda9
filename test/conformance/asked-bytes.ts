// Owns the bytes that conformance suites have signed: random ones, or the message of a whole transaction for signers that judge it.
import { randomBytes } from 'node:crypto';
import { bytesFromBase58, SIGNATURE_BYTES } from '../../signers/ed25519-key.ts';

export interface AskedBytes {
  readonly messageBytes: Uint8Array;
  /** The message with one signature slot, still empty. */
  readonly wireTransaction: Uint8Array;
}

export interface Asked {
  /** Base58 address of the key. */
  readonly address: string;
  /** `false`: any bytes will do as a transaction's message. */
  readonly wantsTransactions: boolean;
}

const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
/** With it the transaction has 1205 bytes, of the 1232 that there may be. */
const MAX_MEMO = 1_024;

/** `length` in bytes: of the message, or of the memo in it where it must be a transaction's (at most 1024). */
export function askedBytes({ address, wantsTransactions }: Asked, length: number): AskedBytes {
  const messageBytes = wantsTransactions ? memoMessage(address, Math.min(length, MAX_MEMO)) : randomBytes(length);
  return { messageBytes, wireTransaction: Buffer.concat([Buffer.of(1), Buffer.alloc(SIGNATURE_BYTES), messageBytes]) };
}

/** A legacy message whose only signer is `address`: one memo of so many letters, for a blockhash that never was. */
function memoMessage(address: string, length: number): Uint8Array {
  const memo = randomBytes(length).toString('hex').slice(0, length);
  return Buffer.concat([
    Buffer.of(1, 0, 1, 2),
    bytesFromBase58(address),
    bytesFromBase58(MEMO_PROGRAM),
    randomBytes(32),
    Buffer.of(1, 1, 0, ...compactLength(length)),
    Buffer.from(memo),
  ]);
}

/** Fewer than 16,384, low seven bits first. */
function compactLength(length: number): readonly number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
}
