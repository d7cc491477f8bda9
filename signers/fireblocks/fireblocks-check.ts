// Owns the check of a `fireblocks` signer: that the API user may look into the workspace, and that the vault account's wallet is the right one.
// It reads only: nothing is signed.
import { type FaultFields, toldOf } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import { type FaultMeaning, FIREBLOCKS } from './fault-meaning.ts';
import type { FireblocksApi } from './fireblocks-api.ts';
import type { FireblocksOptions } from './fireblocks-options.ts';
import { addressPath, addressSchema } from './wallet-address.ts';

export async function checkFireblocks(
  api: FireblocksApi,
  options: FireblocksOptions,
  signal: AbortSignal,
): Promise<SignerCheck> {
  const { vaultAccountId, assetId, address } = options;
  const answer = await api.call({ method: 'GET', path: addressPath(vaultAccountId, assetId) }, signal);
  const read = toldOf(FIREBLOCKS, answer, addressSchema, fieldsOf(options));
  if (read.kind === 'failed') return read;
  if (read.value === null) {
    const reason = `the vault account ${vaultAccountId} has no wallet for the asset ${assetId}`;
    return { kind: 'failed', field: 'asset_id', reason };
  }
  if (read.value !== address) {
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
