// Owns the queries that the fake answers: who stamped, what became of an activity, which keys there are (tkhq/sdk, public_api.swagger.json:
// v1GetWhoami…, v1GetActivity…, v1GetWalletAccounts…, v1Pagination, v1GetPrivateKey…).
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Activities } from './activities.ts';
import { BAD_BODY, TurnkeyFailure } from './faults.ts';

export interface TurnkeyUser {
  readonly userId: string;
  readonly username: string;
  readonly organizationId: string;
}

export interface Holdings {
  readonly organizationName: string;
  readonly activities: Activities;
  readonly walletId: string;
  readonly accounts: readonly { readonly walletAccountId: string; readonly address: string; readonly curve: string }[];
  readonly privateKeyId: string;
  /** Base58. */
  readonly privateKeyAddress: string;
}

const organization = { organizationId: z.string() };
const whoami = z.strictObject(organization);
const activity = z.strictObject({ ...organization, activityId: z.string() });
const privateKey = z.strictObject({ ...organization, privateKeyId: z.string() });
const accounts = z.strictObject({
  ...organization,
  walletId: z.string().optional(),
  includeWalletDetails: z.boolean().optional(),
  paginationOptions: z
    .strictObject({
      limit: z
        .string()
        .regex(/^([1-9]\d?|100)$/)
        .optional(),
      after: z.string().optional(),
    })
    .optional(),
});

/** @throws TurnkeyFailure */
export function answerQuery(name: string, body: unknown, user: TurnkeyUser, holdings: Holdings): object {
  switch (name) {
    case 'whoami': {
      parsed(whoami, body);
      return { ...user, organizationName: holdings.organizationName };
    }
    case 'get_activity': {
      const { organizationId, activityId } = parsed(activity, body);
      const found = holdings.activities.read(organizationId, activityId);
      if (found === null) throw new TurnkeyFailure(404, '', 'activity not found');
      return found;
    }
    case 'list_wallet_accounts':
      return listAccounts(parsed(accounts, body), holdings);
    case 'get_private_key':
      return readPrivateKey(parsed(privateKey, body).privateKeyId, holdings);
    default:
      throw new TurnkeyFailure(404, '', 'Not Found');
  }
}

function listAccounts(
  { organizationId, walletId, paginationOptions }: z.output<typeof accounts>,
  holdings: Holdings,
): object {
  if (walletId !== undefined && walletId !== holdings.walletId) throw new TurnkeyFailure(404, '', 'wallet not found');
  const { limit = '10', after } = paginationOptions ?? {};
  const from = after === undefined ? 0 : holdings.accounts.findIndex((each) => each.walletAccountId === after) + 1;
  const times = { createdAt: { seconds: '1750000000', nanos: '0' }, updatedAt: { seconds: '1750000000', nanos: '0' } };
  return {
    accounts: holdings.accounts.slice(from, from + Number(limit)).map((account, n) => ({
      ...account,
      ...times,
      organizationId,
      walletId: holdings.walletId,
      pathFormat: 'PATH_FORMAT_BIP32',
      path: `m/44'/501'/${from + n}'/0'`,
      addressFormat: account.curve === 'CURVE_ED25519' ? 'ADDRESS_FORMAT_SOLANA' : 'ADDRESS_FORMAT_ETHEREUM',
    })),
  };
}

function readPrivateKey(id: string, { privateKeyId, privateKeyAddress }: Holdings): object {
  if (id !== privateKeyId) throw new TurnkeyFailure(404, '', 'private key not found');
  return {
    privateKey: {
      privateKeyId,
      publicKey: randomUUID().replaceAll('-', ''),
      privateKeyName: 'imported',
      curve: 'CURVE_ED25519',
      addresses: [{ format: 'ADDRESS_FORMAT_SOLANA', address: privateKeyAddress }],
      privateKeyTags: [],
    },
  };
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (!read.success) throw BAD_BODY();
  return read.data;
}
