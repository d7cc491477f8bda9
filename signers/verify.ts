// Owns the verification of a signature before it is believed, as strict as the runtime's own (ed25519-dalek `verify_strict`).
import { type KeyObject, verify } from 'node:crypto';
import { bytesFromBase58, KEY_BYTES, publicKeyFromBytes, SIGNATURE_BYTES } from './ed25519-key.ts';

export interface SignatureCheck {
  /** Base58 of the public key. */
  readonly address: string;
  readonly messageBytes: Uint8Array;
  /** 64 bytes; any other length does not verify. */
  readonly signature: Uint8Array;
}

/**
 * Points of small order, little endian, sign bit cleared. By such a key anybody can make a signature that holds for any message. The
 * runtime refuses them as key and as R; so does OpenSSL 3.5, but 3.0, which a Node may be linked with, does not.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function hasSmallOrder(point: Uint8Array): boolean {
  const cleared = Buffer.from(point);
  cleared[KEY_BYTES - 1] = (cleared[KEY_BYTES - 1] ?? 0) & 0x7f;
  return SMALL_ORDER.has(cleared.toString('hex'));
}

const CACHED_KEYS = 1024;
const keys = new Map<string, KeyObject | null>();

/** `null`: no signature by this address can be valid. */
function keyOf(address: string): KeyObject | null {
  const cached = keys.get(address);
  if (cached !== undefined) return cached;
  const key = parseKey(address);
  const oldest = keys.keys().next();
  if (keys.size >= CACHED_KEYS && !oldest.done) keys.delete(oldest.value);
  keys.set(address, key);
  return key;
}

function parseKey(address: string): KeyObject | null {
  // 32 bytes have at most 44 digits; a longer text is not worth decoding.
  if (address.length > 44) return null;
  try {
    const bytes = bytesFromBase58(address);
    return bytes.length === KEY_BYTES && !hasSmallOrder(bytes) ? publicKeyFromBytes(bytes) : null;
  } catch {
    return null;
  }
}

/**
 * Whether the signature over exactly these bytes is by the key of this address. Copies what it is given before it returns, and works in a
 * thread of its own: it takes as long as half of a decision. Never rejects: what makes no sense is not valid.
 */
export function verifySignature({ address, messageBytes, signature }: SignatureCheck): Promise<boolean> {
  const valid = signature.length === SIGNATURE_BYTES && !hasSmallOrder(signature.subarray(0, KEY_BYTES));
  const key = valid ? keyOf(address) : null;
  if (key === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    try {
      verify(null, messageBytes, key, signature, (error, isValid) => resolve(error === null && isValid));
    } catch {
      resolve(false);
    }
  });
}
