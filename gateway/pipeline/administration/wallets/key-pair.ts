// Owns the reading of raw keys that admins bring or take: which address a seed has, and whether 64 bytes fit themselves.
import { KEY_BYTES, privateKeyFromSeed, publicKeyBytes } from '../../../../signers/ed25519-key.ts';
import type { Address } from '../../../core/address.ts';
import { addressFromBytes } from '../../../core/base58.ts';

export const KEY_PAIR_BYTES = 2 * KEY_BYTES;

/** `null` unless there are 32 bytes. */
export function addressOfSeed(seed: Uint8Array): Address | null {
  return seed.length === KEY_BYTES ? addressFromBytes(publicKeyBytes(privateKeyFromSeed(seed))) : null;
}

/** A copy of the seed of `pair`: seed and public key, 64 bytes. `null` where the second is not that of the first. Whoever has it wipes it. */
export function seedOfKeyPair(pair: Uint8Array): { readonly seed: Uint8Array; readonly address: Address } | null {
  if (pair.length !== KEY_PAIR_BYTES) return null;
  const seed = pair.slice(0, KEY_BYTES);
  const address = addressOfSeed(seed);
  if (address !== null && address === addressFromBytes(pair.subarray(KEY_BYTES))) return { seed, address };
  seed.fill(0);
  return null;
}

/** Seed and public key: what key files hold. Throws unless the seed has 32 bytes. Whoever has it wipes it. */
export function keyPairOfSeed(seed: Uint8Array): Uint8Array {
  const pair = new Uint8Array(KEY_PAIR_BYTES);
  pair.set(publicKeyBytes(privateKeyFromSeed(seed)), KEY_BYTES);
  pair.set(seed);
  return pair;
}
