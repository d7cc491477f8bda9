// Owns which programs get the wallet's signature without our knowing what they do with it.
import type { Address } from '../address.ts';
import type { DecodedInstruction } from '../transaction/decoded-transaction.ts';
import type { Basis, CpiSigner } from './effects.ts';

/** One entry for each call; a program may pass the signature on to whatever it calls. */
export function cpiSigners(
  instructions: readonly DecodedInstruction[],
  wallet: Address,
  basis: Basis,
): readonly CpiSigner[] {
  return instructions
    .filter(({ kind, accounts }) => kind !== 'known' && accounts.some((a) => a.signer && a.address === wallet))
    .map(({ index, program }) => ({ instruction: index, basis, program, signer: wallet }));
}
