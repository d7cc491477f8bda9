// Owns the check of a `privy` signer: that the wallet is there and is the right one, and what the authorization key is to it. Reads only:
// nothing is signed.
import * as z from 'zod';
import { type Asked, type FaultFields, toldOf } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import { type FaultMeaning, PRIVY } from './fault-meaning.ts';
import type { PrivyApi } from './privy-api.ts';
import type { PrivyOptions } from './privy-options.ts';

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const walletSchema = z.object({
  id,
  address: z.string(),
  chain_type: z.string(),
  policy_ids: z.array(id),
  owner_id: id.nullish(),
  additional_signers: z.array(z.object({ signer_id: id, override_policy_ids: z.array(id).nullish() })).nullish(),
  exported_at: z.number().nullish(),
});
const quorumSchema = z.object({
  id,
  authorization_threshold: z.number().nullish(),
  authorization_keys: z.array(z.object({ public_key: z.string() })),
  key_quorum_ids: z.array(id).nullish(),
});

type Wallet = z.output<typeof walletSchema>;
type Quorum = z.output<typeof quorumSchema>;
type Ask = <T>(path: string, schema: z.ZodType<T>) => Promise<Asked<T>>;

/** One owner and this many others are looked at. */
const MAX_SIGNERS = 16;

export async function checkPrivy(api: PrivyApi, options: PrivyOptions, signal: AbortSignal): Promise<SignerCheck> {
  const ask: Ask = async (path, schema) =>
    toldOf(PRIVY, await api.call({ method: 'GET', path }, signal), schema, fieldsOf(options));
  const read = await ask(`/v1/wallets/${options.walletId}`, walletSchema);
  if (read.kind === 'failed') return read;
  const wallet = read.value;
  if (wallet.id !== options.walletId || wallet.chain_type !== 'solana') {
    return { kind: 'failed', field: 'wallet_id', reason: 'the wallet with this id is none for Solana' };
  }
  if (wallet.address !== options.address) {
    return { kind: 'failed', field: 'address', reason: 'the wallet with this id has another address' };
  }
  const reading = await api.authorizationKey();
  if (reading.kind === 'no secret') return { kind: 'failed', field: reading.field, reason: reading.reason };
  const standing = await standingOf(ask, wallet, reading.key?.publicKey ?? null, options);
  if (standing.kind === 'failed') return standing;
  const exported = typeof wallet.exported_at === 'number' ? '; its private key was exported' : '';
  return { kind: 'ready', detail: `wallet ${wallet.id}: ${standing.value}${exported}` };
}

/** What the authorization key is to the wallet. */
async function standingOf(
  ask: Ask,
  { owner_id, additional_signers, policy_ids }: Wallet,
  publicKey: string | null,
  { authorizationKey }: PrivyOptions,
): Promise<Asked<string>> {
  const field = authorizationKey?.field ?? 'authorization_key_file';
  if (owner_id == null) {
    return {
      kind: 'told',
      value: 'it has no owner: whoever has the app secret signs with it, and may change and export it',
    };
  }
  if (publicKey === null) {
    return {
      kind: 'failed',
      field,
      reason: 'the wallet has an owner: requests must be signed with an authorization key',
    };
  }
  const owner = await memberOf(ask, owner_id, publicKey, field);
  if (owner.kind === 'failed' || owner.value) return told(owner, `the key is its owner, ${shownPolicies(policy_ids)}`);
  for (const { signer_id, override_policy_ids } of (additional_signers ?? []).slice(0, MAX_SIGNERS)) {
    const signer = await memberOf(ask, signer_id, publicKey, field);
    const policies = shownPolicies(override_policy_ids ?? policy_ids);
    if (signer.kind === 'failed' || signer.value) return told(signer, `the key is one of its signers, ${policies}`);
  }
  return {
    kind: 'failed',
    field,
    reason: 'the authorization key is neither the owner of the wallet nor one of its signers',
  };
}

function told(found: Asked<boolean>, value: string): Asked<string> {
  return found.kind === 'failed' ? found : { kind: 'told', value };
}

function shownPolicies(ids: readonly string[]): string {
  return ids.length === 0
    ? 'without policies'
    : `under ${ids.length === 1 ? 'the policy' : 'the policies'} ${ids.join(', ')}`;
}

/** Whether this key alone speaks for the quorum: itself, or by a quorum in it. Quorums are nested once at most. */
async function memberOf(ask: Ask, quorumId: string, publicKey: string, field: string): Promise<Asked<boolean>> {
  const outer = await ask(`/v1/key_quorums/${quorumId}`, quorumSchema);
  if (outer.kind === 'failed') return outer;
  if (holds(outer.value, publicKey)) return alone(outer.value, field);
  for (const nested of outer.value.key_quorum_ids ?? []) {
    const inner = await ask(`/v1/key_quorums/${nested}`, quorumSchema);
    if (inner.kind === 'failed') return inner;
    if (!holds(inner.value, publicKey)) continue;
    const speaks = alone(inner.value, field);
    return speaks.kind === 'failed' ? speaks : alone(outer.value, field);
  }
  return { kind: 'told', value: false };
}

/** Keys come with line breaks in their base64, or without. */
function holds({ authorization_keys }: Quorum, publicKey: string): boolean {
  return authorization_keys.some(({ public_key }) => public_key.replace(/\s/g, '') === publicKey);
}

function alone({ id: quorum, authorization_threshold }: Quorum, field: string): Asked<boolean> {
  const needed = authorization_threshold ?? 1;
  if (needed <= 1) return { kind: 'told', value: true };
  const reason = `the key quorum ${quorum} wants ${needed} signatures, and the gateway has one key: make its key a signer of the wallet`;
  return { kind: 'failed', field, reason };
}

function fieldsOf({ appSecret, authorizationKey }: PrivyOptions): FaultFields<FaultMeaning> {
  return {
    credentials: appSecret.field,
    authorization: authorizationKey?.field ?? 'authorization_key_file',
    refusal: 'wallet_id',
    'no such wallet': 'wallet_id',
    closed: null,
    outage: null,
  };
}
