// Owns the creator of keys at Fireblocks: each is that of the wallet of a vault account of its own, whose name is the label.
import { isAddress } from '@solana/kit';
import { closableCreator } from '../closable-creator.ts';
import { creatorCheck } from '../creator-field.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import { type FaultFields, toldOf } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import { type FaultMeaning, FIREBLOCKS, meaningOf } from './fault-meaning.ts';
import { createFireblocksApi, type FireblocksApi } from './fireblocks-api.ts';
import type { FireblocksCreatorOptions } from './fireblocks-options.ts';
import { foundOrMade, readAs, type Told } from './found-or-made.ts';
import { ACCOUNTS_PATH, accountsSchema, vaultAccountNamed } from './vault-accounts.ts';
import { addressPath, addressSchema } from './wallet-address.ts';

/** @throws Error when the URL is none. */
export function createFireblocksKeyCreator(options: FireblocksCreatorOptions): KeyCreator {
  const api = createFireblocksApi(options);
  return closableCreator({
    backend: 'fireblocks',
    create: (label, signal) => create(api, options, label, signal),
    findBy: (label) => `the vault account named ${label}, which may be hidden`,
    destroy: null,
    export: null,
    import: null,
    check: async (signal) => creatorCheck(await check(api, options, signal), ['url']),
    close: () => api.close(),
  });
}

async function create(
  api: FireblocksApi,
  { assetId, hiddenOnUi }: FireblocksCreatorOptions,
  label: string,
  signal: AbortSignal,
): Promise<CreateResult> {
  const account = await foundOrMade(
    api,
    {
      name: `the vault account ${label}`,
      look: () => vaultAccountNamed(api, label, signal),
      path: '/vault/accounts',
      body: JSON.stringify({ name: label, hiddenOnUI: hiddenOnUi, autoFuel: false }),
    },
    signal,
  );
  if (account.kind !== 'told') return account;
  const id = account.value;
  const name = `the wallet ${assetId} of the vault account ${id}`;
  const address = await foundOrMade(
    api,
    { name, look: () => addressOf(api, id, assetId, signal), path: `/vault/accounts/${id}/${assetId}`, body: '{}' },
    signal,
  );
  if (address.kind !== 'told') return address;
  if (!isAddress(address.value))
    return { kind: 'unavailable', reason: `${name} has an address that is none of Solana` };
  return { kind: 'created', key: { address: address.value, reference: { vault_account_id: id, asset_id: assetId } } };
}

async function addressOf(
  api: FireblocksApi,
  vaultAccountId: string,
  assetId: string,
  signal: AbortSignal,
): Promise<Told<string | null>> {
  const answer = await api.call({ method: 'GET', path: addressPath(vaultAccountId, assetId) }, signal);
  // Whether the workspace lacks the asset or the vault account its wallet, the request to make one will tell.
  const isNone = answer.kind === 'error' && meaningOf(answer.fault) === 'no such asset';
  return isNone ? { kind: 'told', value: null } : readAs(addressSchema, answer);
}

/** Reads only. What the API user may make shows no other way than by making it. */
async function check(api: FireblocksApi, options: FireblocksCreatorOptions, signal: AbortSignal): Promise<SignerCheck> {
  const answer = await api.call({ method: 'GET', path: `${ACCOUNTS_PATH}?limit=1` }, signal);
  const read = toldOf(FIREBLOCKS, answer, accountsSchema, fieldsOf(options));
  return read.kind === 'failed' ? read : { kind: 'ready', detail: 'may read the vault accounts of the workspace' };
}

function fieldsOf({ apiKey, apiPrivateKey }: FireblocksCreatorOptions): FaultFields<FaultMeaning> {
  return {
    'private key': apiPrivateKey.field,
    'api key': apiKey.field,
    path: 'url',
    // Nothing is asked for that may be missing: whatever does not know the path is no such API.
    'no such vault account': 'url',
    'no such asset': 'url',
    refusal: null,
    known: null,
    clock: null,
    closed: null,
    outage: null,
  };
}
