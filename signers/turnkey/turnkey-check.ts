// Owns the check of a `turnkey` signer: whose the API key is, and that the wallet's key is there. Queries only: nothing is signed.
import * as z from 'zod';
import { type Asked, type FaultFields, toldOf } from '../service-answer.ts';
import type { SignerCheck } from '../signer.ts';
import { type FaultMeaning, TURNKEY } from './fault-meaning.ts';
import type { TurnkeyApi } from './turnkey-api.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';

type Failed = Extract<SignerCheck, { readonly kind: 'failed' }>;

const whoamiSchema = z.object({ organizationId: z.string(), username: z.string() });
const accountSchema = z.object({
  walletAccountId: z.string(),
  curve: z.string(),
  addressFormat: z.string(),
  address: z.string(),
  path: z.string(),
});
const accountsSchema = z.object({ accounts: z.array(accountSchema) });
const privateKeySchema = z.object({
  privateKey: z.object({
    privateKeyId: z.string(),
    curve: z.string(),
    addresses: z.array(z.object({ format: z.string().optional(), address: z.string().optional() })),
  }),
});

const PAGE = 100;
/** Whoever has more accounts names the wallet. */
const MAX_PAGES = 20;

export async function checkTurnkey(
  api: TurnkeyApi,
  options: TurnkeyOptions,
  signal: AbortSignal,
): Promise<SignerCheck> {
  const organizationId = options.subOrganizationId ?? options.organizationId;
  const ask: Ask = async (query, parameters, schema) => {
    const body = JSON.stringify({ organizationId, ...parameters });
    const answer = await api.post(`/public/v1/query/${query}`, body, signal);
    return toldOf(TURNKEY, answer, schema, fieldsOf(options));
  };
  const user = await ask('whoami', {}, whoamiSchema);
  if (user.kind === 'failed') return user;
  if (user.value.organizationId !== organizationId) return otherOrganization(user.value.organizationId, options);
  const key = options.signWith === null ? await findAccount(ask, options) : await findPrivateKey(ask, options);
  if (key.kind === 'failed') return key;
  const who = user.value.username.replace(/[^\p{L}\p{N} ._@-]/gu, '').slice(0, 64);
  return { kind: 'ready', detail: `user ${who} of organization ${organizationId}: ${key.value}` };
}

type Ask = <T>(query: string, parameters: object, schema: z.ZodType<T>) => Promise<Asked<T>>;

function otherOrganization(
  found: string,
  { organizationId, subOrganizationId, apiPrivateKey }: TurnkeyOptions,
): Failed {
  if (found === organizationId && subOrganizationId !== null) {
    const reason = `the API key is of a user of the parent organization, who may read in the sub-organization but not sign: create a user there`;
    return { kind: 'failed', field: apiPrivateKey.field, reason };
  }
  const field = subOrganizationId === null ? 'organization_id' : 'sub_organization_id';
  return { kind: 'failed', field, reason: 'the API key belongs to another organization' };
}

async function findAccount(ask: Ask, { address, walletId }: TurnkeyOptions): Promise<Asked<string>> {
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await ask(
      'list_wallet_accounts',
      {
        ...(walletId === null ? {} : { walletId }),
        paginationOptions: { limit: String(PAGE), ...(after === undefined ? {} : { after }) },
      },
      accountsSchema,
    );
    if (listed.kind === 'failed') return listed;
    const { accounts } = listed.value;
    const account = accounts.find((each) => each.address === address);
    if (account !== undefined) return usable(account);
    after = accounts.at(-1)?.walletAccountId;
    if (accounts.length < PAGE)
      return noAccount(
        'no wallet account of the organization has this address; for a private key give its id in sign_with',
      );
  }
  return noAccount(`the address is none of the first ${PAGE * MAX_PAGES} wallet accounts: give wallet_id`);
}

function noAccount(reason: string): Failed {
  return { kind: 'failed', field: 'address', reason };
}

function usable({ curve, addressFormat, path }: z.output<typeof accountSchema>): Asked<string> {
  if (curve === 'CURVE_ED25519' && addressFormat === 'ADDRESS_FORMAT_SOLANA') {
    return { kind: 'told', value: `wallet account ${/^[mM0-9/'h]{1,64}$/.test(path) ? path : ''}`.trimEnd() };
  }
  return noAccount('the wallet account with this address is no Solana account on Ed25519');
}

async function findPrivateKey(ask: Ask, { address, signWith }: TurnkeyOptions): Promise<Asked<string>> {
  const read = await ask('get_private_key', { privateKeyId: signWith }, privateKeySchema);
  if (read.kind === 'failed') return read;
  const { curve, addresses } = read.value.privateKey;
  const isOurs = curve === 'CURVE_ED25519' && addresses.some((each) => each.address === address);
  if (isOurs) return { kind: 'told', value: `private key ${signWith}` };
  return { kind: 'failed', field: 'sign_with', reason: 'the private key with this id has another address' };
}

function fieldsOf({ apiPrivateKey, signWith, subOrganizationId }: TurnkeyOptions): FaultFields<FaultMeaning> {
  return {
    // A query that is refused is one that the user may not make.
    refusal: apiPrivateKey.field,
    credentials: apiPrivateKey.field,
    organization: subOrganizationId === null ? 'organization_id' : 'sub_organization_id',
    'no such key': signWith === null ? 'wallet_id' : 'sign_with',
    closed: null,
    outage: null,
  };
}
