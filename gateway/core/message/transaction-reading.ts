// Owns the question whether bytes that are to be signed as a message could be read as a transaction, by anybody. A signature over
// them would then be a signature over that transaction.
import type { Address } from '../address.ts';
import { decodeBase58 } from '../base58.ts';
import { parseTransaction } from '../transaction/parse.ts';
import { SIGNATURE_BYTES } from '../transaction/signatures.ts';
import { skimMessage } from './skim-message.ts';

/** A header, a count and one key, or a lifetime token: fewer bytes are no message of any version, nor most of one. */
const LEAST_BYTES = 36;
/** From here on a first byte is a version. */
const VERSIONED = 0x80;
const V1 = 0x81;

/**
 * How the bytes can be read, in words; `null`: not as a transaction. What is plain text is one only where it is one in full, which
 * a text of the size that a transaction may have never is: its first bytes would be a header with at least ten signers. Of other bytes
 * whatever begins like a transaction counts, with bytes behind its end or without its last ones, and so does whatever holds the
 * wallet's key: no transaction can use a signature of the wallet without it.
 */
export function transactionReading(bytes: Uint8Array, wallet: Address, isPlainText: boolean): string | null {
  return wholeReading(bytes) ?? (isPlainText ? null : likeness(bytes, wallet));
}

function wholeReading(bytes: Uint8Array): string | null {
  const behind = behindSignatures(bytes);
  if (isTransaction(bytes) || skimMessage(bytes, behind).isWhole) return 'a wire transaction';
  if (isTransaction(withEmptySignatures(bytes)) || skimMessage(bytes, 0).isWhole) return 'the message of a transaction';
  return null;
}

function likeness(bytes: Uint8Array, wallet: Address): string | null {
  if (bytes.length < LEAST_BYTES) return null;
  if (begins(bytes, 0)) return 'bytes that begin like the message of a transaction';
  const behind = behindSignatures(bytes);
  if (bytes.length - behind >= LEAST_BYTES && begins(bytes, behind)) return 'bytes that begin like a wire transaction';
  if (holds(bytes, keyOf(wallet))) return "bytes with the wallet's public key in them, as every transaction of it has";
  return null;
}

/** Whether a message may begin at `start`, of a version that is known or of one still to come. */
function begins(bytes: Uint8Array, start: number): boolean {
  if ((bytes[start] ?? 0) >= VERSIONED) return true;
  const { namesSigners, hasKeys } = skimMessage(bytes, start);
  return namesSigners || hasKeys;
}

function isTransaction(bytes: Uint8Array): boolean {
  return parseTransaction(bytes).kind === 'parsed';
}

/** The bytes as the message of a wire transaction that nobody has signed: signatures stand before it, but behind one of v1. */
function withEmptySignatures(bytes: Uint8Array): Uint8Array {
  const [first = 0, second = 0] = bytes;
  const signers = (first < VERSIONED ? first : second) % VERSIONED;
  const slots = new Uint8Array(signers * SIGNATURE_BYTES);
  return first === V1 ? joined(bytes, slots) : joined(Uint8Array.of(signers), slots, bytes);
}

/** Where the message of a wire transaction begins. */
function behindSignatures(bytes: Uint8Array): number {
  return 1 + (bytes[0] ?? 0) * SIGNATURE_BYTES;
}

function keyOf(wallet: Address): Uint8Array {
  const key = decodeBase58(wallet);
  if (key === null) throw new Error(`not an address: ${wallet}`);
  return key;
}

function holds(bytes: Uint8Array, key: Uint8Array): boolean {
  for (let at = bytes.indexOf(key[0] ?? 0); at >= 0; at = bytes.indexOf(key[0] ?? 0, at + 1)) {
    if (key.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
