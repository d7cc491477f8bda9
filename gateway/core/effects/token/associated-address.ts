// Owns whether a token account stands at an address that nobody can hold the key of: the associated address of its owner.
import type { Address } from '../../address.ts';
import { decodeBase58 } from '../../base58.ts';
import { sha256 } from '../../sha256.ts';
import { ASSOCIATED_TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';

const MARKER = new TextEncoder().encode('ProgramDerivedAddress');
const BUMP_OFFSET = 96;
/** Canonical bumps below this have a probability of 2^-64; without one an address just counts as not associated. */
const LEAST_BUMP = 192;

/**
 * Recomputes the address (hash of owner, token program, mint, bump, associated token program). Any bump proves that the address is
 * a hash of these, so that no key is known for it and no other owner's account can ever be made there.
 */
export function isAssociatedAddress(account: Address, owner: Address, mint: Address, tokenProgram: Address): boolean {
  const wanted = decodeBase58(account);
  const seeds = [owner, tokenProgram, mint].map(decodeBase58);
  const program = decodeBase58(ASSOCIATED_TOKEN_PROGRAM);
  const preimage = new Uint8Array(BUMP_OFFSET + 1 + 32 + MARKER.length);
  seeds.forEach((seed, i) => {
    if (seed !== null) preimage.set(seed, i * 32);
  });
  if (program !== null) preimage.set(program, BUMP_OFFSET + 1);
  preimage.set(MARKER, BUMP_OFFSET + 33);
  for (let bump = 255; bump >= LEAST_BUMP; bump--) {
    preimage[BUMP_OFFSET] = bump;
    const derived = sha256(preimage);
    if (wanted !== null && derived.every((byte, i) => byte === wanted[i])) return true;
  }
  return false;
}
