// Owns the check of a `fireblocks` signer: that the API user may look into the workspace, and that the vault account's wallet is the right one.
// It reads only: nothing is signed.
import * as z from 'zod';
import { type FaultFields, toldOf } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import { type FaultMeaning, FIREBLOCKS } from './fault-meaning.ts';
import type { FireblocksApi } from './fireblocks-api.ts';
import type { FireblocksOptions } from './fireblocks-options.ts';

const addressesSchema = z.object({
  addresses: z.array(z.object({ address: z.string(), bip44AddressIndex: z.int().nullish() })),
});

/** The one that requests without an index are signed with; wallets on Solana have no others. */
const ADDRESS_INDEX = 0;

export async function checkFireblocks(
  api: FireblocksApi,
  options: FireblocksOptions,
  signal: AbortSignal,
): Promise<SignerCheck> {
  const { vaultAccountId, assetId, address } = options;
  const path = `/vault/accounts/${vaultAccountId}/${assetId}/addresses_paginated`;
  const answer = await api.call({ method: 'GET', path }, signal);
  const read = toldOf(FIREBLOCKS, answer, addressesSchema, fieldsOf(options));
  if (read.kind === 'failed') return read;
  const own = read.value.addresses.find(
    ({ bip44AddressIndex }) => (bip44AddressIndex ?? ADDRESS_INDEX) === ADDRESS_INDEX,
  );
  if (own === undefined) {
    const reason = `the vault account ${vaultAccountId} has no wallet for the asset ${assetId}`;
    return { kind: 'failed', field: 'asset_id', reason };
  }
  if (own.address !== address) {
    const reason = `the wallet of the vault account ${vaultAccountId} for the asset ${assetId} has another address`;
    return { kind: 'failed', field: 'address', reason };
  }
  return { kind: 'ready', detail: `wallet ${assetId} of the vault account ${vaultAccountId}` };
}

function fieldsOf({ apiKey, apiPrivateKey }: FireblocksOptions): FaultFields<FaultMeaning> {
  return {
    'private key': apiPrivateKey.field,
    'api key': apiKey.field,
    path: 'url',
    refusal: 'vault_account_id',
    'no such vault account': 'vault_account_id',
    'no such asset': 'asset_id',
    known: null,
    clock: null,
    closed: null,
    outage: null,
  };
}
