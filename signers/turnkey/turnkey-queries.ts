// Owns what Turnkey can be asked about an organization without an activity: who asks, which wallets and accounts there are, what is open.
import * as z from 'zod';
import { type Asked, type FaultFields, toldOf } from '../service-answer.ts';
import { type Activity, activitySchema } from './activity.ts';
import { type FaultMeaning, TURNKEY } from './fault-meaning.ts';
import type { TurnkeyApi } from './turnkey-api.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';

/** Where keys are, and by whose API key. */
export type TurnkeyPlace = Pick<TurnkeyOptions, 'organizationId' | 'subOrganizationId' | 'apiPrivateKey'>;

/** The very one that wallet and user are in. */
export function organizationOf({ organizationId, subOrganizationId }: TurnkeyPlace): string {
  return subOrganizationId ?? organizationId;
}

export type Ask = <T>(query: string, parameters: object, schema: z.ZodType<T>) => Promise<Asked<T>>;

/** `keyField`: what is to be looked at where there is no such key or wallet. */
export function queries(api: TurnkeyApi, place: TurnkeyPlace, keyField: string | null, signal: AbortSignal): Ask {
  const [organizationId, fields] = [organizationOf(place), fieldsOf(place, keyField)];
  return async (query, parameters, schema) => {
    const body = JSON.stringify({ organizationId, ...parameters });
    return toldOf(TURNKEY, await api.post(`/public/v1/query/${query}`, body, signal), schema, fields);
  };
}

function fieldsOf(place: TurnkeyPlace, keyField: string | null): FaultFields<FaultMeaning> {
  return {
    // A query that is refused is one that the user may not make.
    refusal: place.apiPrivateKey.field,
    credentials: place.apiPrivateKey.field,
    organization: organizationField(place),
    'no such key': keyField,
    closed: null,
    outage: null,
  };
}

function organizationField({ subOrganizationId }: TurnkeyPlace): string {
  return subOrganizationId === null ? 'organization_id' : 'sub_organization_id';
}

const whoamiSchema = z.object({ organizationId: z.string(), username: z.string() });

/** The user, for people. Fails where it is none of the very organization: it may read there, and no more. */
export async function userThere(ask: Ask, place: TurnkeyPlace): Promise<Asked<string>> {
  const user = await ask('whoami', {}, whoamiSchema);
  if (user.kind === 'failed') return user;
  const { organizationId, username } = user.value;
  if (organizationId === organizationOf(place)) {
    const who = username.replace(/[^\p{L}\p{N} ._@-]/gu, '').slice(0, 64);
    return { kind: 'told', value: `user ${who} of organization ${organizationId}` };
  }
  if (organizationId === place.organizationId) {
    const reason =
      'the API key is of a user of the parent organization, who may read in the sub-organization and no more: create a user there';
    return { kind: 'failed', field: place.apiPrivateKey.field, reason };
  }
  return { kind: 'failed', field: organizationField(place), reason: 'the API key belongs to another organization' };
}

const accountSchema = z.object({
  walletAccountId: z.string(),
  curve: z.string(),
  addressFormat: z.string(),
  address: z.string(),
  path: z.string(),
});
const accountsSchema = z.object({ accounts: z.array(accountSchema) });

export type WalletAccount = z.output<typeof accountSchema>;

export const ACCOUNTS_PAGE = 100;

/** A page of them. `walletId` null: of all wallets. `after`: id of the last account of the page before. */
export async function accountsOf(
  ask: Ask,
  walletId: string | null,
  after: string | undefined,
): Promise<Asked<readonly WalletAccount[]>> {
  const parameters = {
    ...(walletId === null ? {} : { walletId }),
    paginationOptions: { limit: String(ACCOUNTS_PAGE), ...(after === undefined ? {} : { after }) },
  };
  const listed = await ask('list_wallet_accounts', parameters, accountsSchema);
  return listed.kind === 'failed' ? listed : { kind: 'told', value: listed.value.accounts };
}

export function isSolanaAccount({ curve, addressFormat }: WalletAccount): boolean {
  return curve === 'CURVE_ED25519' && addressFormat === 'ADDRESS_FORMAT_SOLANA';
}

const walletsSchema = z.object({
  wallets: z.array(
    z.object({ walletId: z.string(), walletName: z.string(), exported: z.boolean(), imported: z.boolean() }),
  ),
});

export type Wallet = z.output<typeof walletsSchema>['wallets'][number];

/** All of the organization: Turnkey lists them at once, and allows a hundred. */
export async function allWallets(ask: Ask): Promise<Asked<readonly Wallet[]>> {
  const listed = await ask('list_wallets', {}, walletsSchema);
  return listed.kind === 'failed' ? listed : { kind: 'told', value: listed.value.wallets };
}

const intentSchema = z.object({
  createWalletIntent: z.object({ walletName: z.string() }).nullish(),
  deleteWalletsIntent: z.object({ walletIds: z.array(z.string()) }).nullish(),
});
const activitiesSchema = z.object({ activities: z.array(activitySchema.extend({ intent: intentSchema })) });

export type Intent = z.output<typeof intentSchema>;

const OPEN = [
  'ACTIVITY_STATUS_CREATED',
  'ACTIVITY_STATUS_PENDING',
  'ACTIVITY_STATUS_CONSENSUS_NEEDED',
  'ACTIVITY_STATUS_AUTHENTICATORS_NEEDED',
] as const;
const ACTIVITIES_PAGE = 100;
/** More that wait for people are not looked through. */
const MAX_PAGES = 5;

/** An activity of this type, not yet ended, that is meant to do that; `null`: there is none. */
export async function openActivity(
  ask: Ask,
  type: string,
  isMeant: (intent: Intent) => boolean,
): Promise<Asked<Activity | null>> {
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const paginationOptions = { limit: String(ACTIVITIES_PAGE), ...(after === undefined ? {} : { after }) };
    const parameters = { filterByStatus: OPEN, filterByType: [type], paginationOptions };
    const listed = await ask('list_activities', parameters, activitiesSchema);
    if (listed.kind === 'failed') return listed;
    const { activities } = listed.value;
    const meant = activities.find((activity) => activity.type === type && isMeant(activity.intent));
    if (meant !== undefined) return { kind: 'told', value: meant };
    if (activities.length < ACTIVITIES_PAGE) break;
    after = activities.at(-1)?.id;
  }
  return { kind: 'told', value: null };
}
