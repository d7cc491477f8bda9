// Owns the making of keys at Privy: a wallet for each, with the label as its external id, which is unique there. Only who owns a wallet may
// delete or export it, and the gateway does not.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { closableCreator } from '../closable-creator.ts';
import { creatorCheck } from '../creator-field.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import { type Asked, type FaultFields, toldOf, unsignedOf } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import { canonicalJson } from './canonical-json.ts';
import { type FaultMeaning, PRIVY } from './fault-meaning.ts';
import { externalIdOf, keyOf, type MadeWallet, madeWallet, type WalletHolders, walletRequest } from './new-wallet.ts';
import { createPrivyApi, type PrivyApi } from './privy-api.ts';
import type { PrivyOptions } from './privy-options.ts';

/** `appSecret`: one with full access. No authorization key: to create a wallet needs none. */
export interface PrivyCreatorOptions extends Pick<PrivyOptions, 'url' | 'appId' | 'appSecret' | 'timeoutMs'> {
  readonly holders: WalletHolders;
}

interface Creator {
  readonly options: PrivyCreatorOptions;
  readonly api: PrivyApi;
}

/** @throws Error when the URL is none. */
export function createPrivyKeyCreator(options: PrivyCreatorOptions): KeyCreator {
  const creator: Creator = { options, api: createPrivyApi({ ...options, authorizationKey: null }) };
  return closableCreator({
    backend: 'privy',
    create: (label, signal) => createWallet(creator, label, signal),
    findBy: (label) => `the wallet of the app ${options.appId} whose external id is ${externalIdOf(label)}`,
    destroy: null,
    export: null,
    import: null,
    check: async (signal) => creatorCheck(await checkCreator(creator, signal)),
    close: () => creator.api.close(),
  });
}

async function createWallet(creator: Creator, label: string, signal: AbortSignal): Promise<CreateResult> {
  const before = await findWallet(creator, label, signal);
  if (before.kind !== 'nothing') return before;
  const made = await makeWallet(creator, label, signal);
  if (made.kind !== 'refused') return made;
  // Privy refuses an external id for the second time: another call may have been faster.
  const after = await findWallet(creator, label, signal);
  return after.kind === 'nothing' ? made : after;
}

const listSchema = z.object({ data: z.array(madeWallet) });

async function findWallet(
  { api, options }: Creator,
  label: string,
  signal: AbortSignal,
): Promise<CreateResult | { readonly kind: 'nothing' }> {
  const externalId = externalIdOf(label);
  const answer = await api.call({ method: 'GET', path: `/v1/wallets?external_id=${externalId}` }, signal);
  const listed = toldOf(PRIVY, answer, listSchema, fieldsOf(options, null));
  if (listed.kind === 'failed') return { kind: 'unavailable', reason: listed.reason };
  const { data } = listed.value;
  const wallet = data.find((each) => each.external_id === externalId);
  if (wallet !== undefined) return resultOf(wallet, options);
  if (data.length === 0) return { kind: 'nothing' };
  return {
    kind: 'unavailable',
    reason: 'Privy lists other wallets than those with the external id that was asked for',
  };
}

async function makeWallet({ api, options }: Creator, label: string, signal: AbortSignal): Promise<CreateResult> {
  const body = walletRequest(label, options.holders);
  const idempotencyKey = createHash('sha256')
    .update(JSON.stringify([options.appId, 'create', canonicalJson(body)]))
    .digest('hex');
  const answer = await api.call({ method: 'POST', path: '/v1/wallets', body, idempotencyKey, expiresAt: null }, signal);
  if (answer.kind !== 'answered') {
    const { kind, reason } = unsignedOf(PRIVY, answer);
    return { kind, reason };
  }
  const read = madeWallet.safeParse(answer.body);
  if (read.success && read.data.external_id === externalIdOf(label)) return resultOf(read.data, options);
  return { kind: 'unavailable', reason: 'Privy answered something that is not the wallet that was asked for' };
}

function resultOf(wallet: MadeWallet, { holders }: PrivyCreatorOptions): CreateResult {
  const reading = keyOf(wallet, holders);
  return reading.kind === 'key' ? { kind: 'created', key: reading.key } : { kind: 'refused', reason: reading.reason };
}

async function checkCreator({ api, options }: Creator, signal: AbortSignal): Promise<SignerCheck> {
  const ask = async (path: string, field: string | null): Promise<Asked<unknown>> =>
    toldOf(PRIVY, await api.call({ method: 'GET', path }, signal), z.looseObject({}), fieldsOf(options, field));
  const { ownerId, policyId, signerId, signerPolicyId } = options.holders;
  const named = [
    ['/v1/wallets?limit=1', null],
    [`/v1/key_quorums/${ownerId}`, 'owner_id'],
    ...(policyId === null ? [] : [[`/v1/policies/${policyId}`, 'policy_id'] as const]),
    ...(signerId === null ? [] : [[`/v1/key_quorums/${signerId}`, 'signer_id'] as const]),
    ...(signerPolicyId === null ? [] : [[`/v1/policies/${signerPolicyId}`, 'signer_policy_id'] as const]),
  ] as const;
  for (const [path, field] of named) {
    const told = await ask(path, field);
    if (told.kind === 'failed') return told;
  }
  const who = signerId === null ? 'who sign too' : `with the signers ${signerId}`;
  return { kind: 'ready', detail: `app ${options.appId}: wallets get the owners ${ownerId}, ${who}` };
}

/** `field`: what names that which is not there. */
function fieldsOf({ appSecret }: PrivyCreatorOptions, field: string | null): FaultFields<FaultMeaning> {
  return {
    credentials: appSecret.field,
    authorization: appSecret.field,
    refusal: field,
    'no such wallet': field,
    closed: null,
    outage: null,
  };
}
