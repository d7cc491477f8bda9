// Owns the reading of keys that other tools made: 64 bytes, seed and public key, as the Solana CLI and wallets write them.
import { bytesFromBase58, KEY_BYTES, privateKeyFromSeed, publicKeyBytes } from '../ed25519-key.ts';
import { KeystoreError } from './keystore-error.ts';

const KEYPAIR_BYTES = 64;
/** `[` and 64 numbers of three digits with a comma, space and line break each, and then some. */
const MAX_TEXT_BYTES = 1024;

const EXPECTED = 'expected 64 bytes: raw, as a JSON array of numbers (Solana CLI) or in base58';

/** Digits are read from the bytes: a string of the key could not be wiped. */
function bytesOfJsonArray(text: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(KEYPAIR_BYTES);
  let count = 0;
  let value = -1;
  for (const char of text.subarray(1)) {
    const digit = char - 0x30;
    if (digit >= 0 && digit <= 9) value = Math.max(value, 0) * 10 + digit;
    else if (char === 0x2c || char === 0x5d) {
      if (value < 0 || value > 255 || count === KEYPAIR_BYTES) return null;
      out[count] = value;
      count += 1;
      value = -1;
      if (char === 0x5d) break;
    } else if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return null;
  }
  return count === KEYPAIR_BYTES ? out : null;
}

function bytesOfBase58(text: Uint8Array): Uint8Array | null {
  try {
    return bytesFromBase58(Buffer.from(text).toString('ascii').trim());
  } catch {
    return null;
  }
}

function keypairBytes(given: Uint8Array): Uint8Array | null {
  if (given.length === KEYPAIR_BYTES) return Uint8Array.from(given);
  if (given.length > MAX_TEXT_BYTES) return null;
  const start = given.findIndex((char) => char > 0x20);
  return given[start] === 0x5b ? bytesOfJsonArray(given.subarray(start)) : bytesOfBase58(given);
}

/**
 * The 32 bytes of the seed; the caller wipes them. Wipes what was given. Throws KeystoreError where it is no key, or where the second
 * half is not the public key of the first.
 */
export function importSeed(given: Uint8Array): Uint8Array {
  const keypair = keypairBytes(given);
  given.fill(0);
  if (keypair === null || keypair.length !== KEYPAIR_BYTES) throw new KeystoreError(`this is no key: ${EXPECTED}`);
  try {
    const seed = keypair.slice(0, KEY_BYTES);
    const publicKey = publicKeyBytes(privateKeyFromSeed(seed));
    if (Buffer.compare(publicKey, keypair.subarray(KEY_BYTES)) === 0) return seed;
    seed.fill(0);
    throw new KeystoreError('the key does not fit itself: its last 32 bytes are not the public key of its first 32');
  } finally {
    keypair.fill(0);
  }
}
