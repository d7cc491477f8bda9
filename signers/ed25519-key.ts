// Owns the way from raw Ed25519 bytes and base58 addresses to key objects of node:crypto.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';

/** Length in bytes of a seed (RFC 8032 private key) and of a public key. */
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

// DER of everything that precedes the key itself (RFC 8410).
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const base58Encoder = getBase58Encoder();
const base58Decoder = getBase58Decoder();

/** Throws unless the seed has 32 bytes. */
export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== KEY_BYTES) throw new Error(`an Ed25519 seed has ${KEY_BYTES} bytes, not ${seed.length}`);
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/** The 32 bytes of the public key that belongs to a private one. */
export function publicKeyBytes(privateKey: KeyObject): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(SPKI_PREFIX.length));
}

/** Throws unless there are 32 bytes. Does not say whether they are a point of the curve. */
export function publicKeyFromBytes(bytes: Uint8Array): KeyObject {
  if (bytes.length !== KEY_BYTES) throw new Error(`an Ed25519 public key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
}

/** The 32 bytes of a public key in DER (SubjectPublicKeyInfo, RFC 8410); `null`: it is none of Ed25519. */
export function publicKeyFromSpki(der: Uint8Array): Uint8Array | null {
  const isOne =
    der.length === SPKI_PREFIX.length + KEY_BYTES && SPKI_PREFIX.equals(der.subarray(0, SPKI_PREFIX.length));
  return isOne ? new Uint8Array(der.subarray(SPKI_PREFIX.length)) : null;
}

export function base58FromBytes(bytes: Uint8Array): string {
  return base58Decoder.decode(bytes);
}

/** Throws on a character outside of the alphabet. */
export function bytesFromBase58(text: string): Uint8Array {
  return new Uint8Array(base58Encoder.encode(text));
}
