// Owns the check of a `fireblocks` signer: that the API user may look into the workspace, and that the vault account's wallet is the right one.
// It reads only: nothing is signed.
import * as z from 'zod';
import type { SignerCheck } from '../signer.ts';
import { type FaultMeaning, meaningOf } from './fault-meaning.ts';
import type { FireblocksAnswer, FireblocksApi } from './fireblocks-api.ts';
import type { FireblocksOptions } from './fireblocks-options.ts';

type Failed = Extract<SignerCheck, { readonly kind: 'failed' }>;

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
  if (answer.kind !== 'answered') return failureOf(answer, options);
  const read = addressesSchema.safeParse(answer.body);
  if (!read.success) return { kind: 'failed', field: 'url', reason: 'what answered there is not Fireblocks' };
  const own = read.data.addresses.find(
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

function failureOf(
  answer: Exclude<FireblocksAnswer, { readonly kind: 'answered' }>,
  options: FireblocksOptions,
): Failed {
  switch (answer.kind) {
    case 'lost':
      return { kind: 'failed', field: answer.mayHaveArrived ? null : 'url', reason: answer.reason };
    case 'no secret':
      return { kind: 'failed', field: answer.field, reason: answer.reason };
    case 'error': {
      const { fault } = answer;
      const reason = `Fireblocks: ${fault.code === null ? '' : `${fault.code}: `}${fault.message}`;
      return { kind: 'failed', field: fieldOf(meaningOf(fault), options), reason };
    }
  }
}

function fieldOf(meaning: FaultMeaning, { apiKey, apiPrivateKey }: FireblocksOptions): string | null {
  switch (meaning) {
    case 'private key':
      return apiPrivateKey.field;
    case 'api key':
      return apiKey.field;
    case 'path':
      return 'url';
    case 'refusal':
    case 'no such vault account':
      return 'vault_account_id';
    case 'no such asset':
      return 'asset_id';
    case 'known':
    case 'clock':
    case 'closed':
    case 'outage':
      return null;
  }
}
