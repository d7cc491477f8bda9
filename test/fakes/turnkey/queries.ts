// Owns the queries that the fake answers: who stamped, what became of activities, which wallets and keys there are (tkhq/sdk,
// public_api.swagger.json: v1GetWhoami…, v1GetActivity…, v1GetActivities…, v1GetWallets…, v1GetWalletAccounts…, v1Pagination,
// v1GetPrivateKey…).
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Activities } from './activities.ts';
import { BAD_BODY, TurnkeyFailure } from './faults.ts';
import type { FakeWallets } from './wallets.ts';

export interface TurnkeyUser {
  readonly userId: string;
  readonly username: string;
  readonly organizationId: string;
  /** Types of the activities that its policies allow. */
  readonly mayDo: ReadonlySet<string>;
}

export interface Holdings {
  readonly organizationName: string;
  readonly activities: Activities;
  readonly wallets: FakeWallets;
  readonly privateKeyId: string;
  /** Base58. */
  readonly privateKeyAddress: string;
}

const organization = { organizationId: z.string() };
const whoami = z.strictObject(organization);
const activity = z.strictObject({ ...organization, activityId: z.string() });
const privateKey = z.strictObject({ ...organization, privateKeyId: z.string() });
const page = {
  paginationOptions: z
    .strictObject({
      limit: z
        .string()
        .regex(/^([1-9]\d?|100)$/)
        .optional(),
      after: z.string().optional(),
    })
    .optional(),
};
const wallets = z.strictObject(organization);
const accounts = z.strictObject({
  ...organization,
  walletId: z.string().optional(),
  includeWalletDetails: z.boolean().optional(),
  ...page,
});
const activities = z.strictObject({
  ...organization,
  filterByStatus: z.array(z.string().regex(/^ACTIVITY_STATUS_[A-Z_]+$/)).optional(),
  filterByType: z.array(z.string().regex(/^ACTIVITY_TYPE_[A-Z0-9_]+$/)).optional(),
  ...page,
});

/** @throws TurnkeyFailure */
export function answerQuery(name: string, body: unknown, user: TurnkeyUser, holdings: Holdings): object {
  switch (name) {
    case 'whoami': {
      parsed(whoami, body);
      const { userId, username, organizationId } = user;
      return { userId, username, organizationId, organizationName: holdings.organizationName };
    }
    case 'get_activity': {
      const { organizationId, activityId } = parsed(activity, body);
      const found = holdings.activities.read(organizationId, activityId);
      if (found === null) throw new TurnkeyFailure(404, '', 'activity not found');
      return found;
    }
    case 'list_activities':
      return listActivities(parsed(activities, body), holdings);
    case 'list_wallets': {
      const { organizationId } = parsed(wallets, body);
      const shown = holdings.wallets.of(organizationId).map(({ accounts: _, organizationId: __, ...wallet }) => wallet);
      return { wallets: shown.map((wallet) => ({ ...wallet, ...TIMES })) };
    }
    case 'list_wallet_accounts':
      return listAccounts(parsed(accounts, body), holdings);
    case 'get_private_key':
      return readPrivateKey(parsed(privateKey, body).privateKeyId, holdings);
    default:
      throw new TurnkeyFailure(404, '', 'Not Found');
  }
}

const TIMES = {
  createdAt: { seconds: '1750000000', nanos: '0' },
  updatedAt: { seconds: '1750000000', nanos: '0' },
};

function listActivities(
  { organizationId, filterByStatus = [], filterByType = [], paginationOptions = {} }: z.output<typeof activities>,
  holdings: Holdings,
): object {
  const { limit = '10', after } = paginationOptions;
  const filter = { organizationId, statuses: filterByStatus, types: filterByType, limit: Number(limit), after };
  return { activities: holdings.activities.list(filter) };
}

function listAccounts(
  { organizationId, walletId, paginationOptions = {} }: z.output<typeof accounts>,
  holdings: Holdings,
): object {
  const there = holdings.wallets.of(organizationId);
  const asked = walletId === undefined ? there : there.filter((wallet) => wallet.walletId === walletId);
  if (walletId !== undefined && asked.length === 0) throw new TurnkeyFailure(404, '', 'wallet not found');
  const { limit = '10', after } = paginationOptions;
  const all = asked.flatMap((wallet) => wallet.accounts.map((account) => ({ ...account, walletId: wallet.walletId })));
  const from = after === undefined ? 0 : all.findIndex((each) => each.walletAccountId === after) + 1;
  return {
    accounts: all.slice(from, from + Number(limit)).map(({ key: _, ...account }) => ({
      ...account,
      ...TIMES,
      organizationId,
      pathFormat: 'PATH_FORMAT_BIP32',
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
