// Owns which of the addresses of a vault account's wallet is the one of its key.
import * as z from 'zod';

/** The one that requests without an index are signed with; wallets on Solana have no others. */
const ADDRESS_INDEX = 0;

export function addressPath(vaultAccountId: string, assetId: string): string {
  return `/vault/accounts/${vaultAccountId}/${assetId}/addresses_paginated`;
}

/** Of what `addressPath` answers. `null`: the vault account has no wallet for the asset. */
export const addressSchema = z
  .object({ addresses: z.array(z.object({ address: z.string(), bip44AddressIndex: z.int().nullish() })) })
  .transform(({ addresses }) => {
    const own = addresses.find(({ bip44AddressIndex }) => (bip44AddressIndex ?? ADDRESS_INDEX) === ADDRESS_INDEX);
    return own?.address ?? null;
  });
