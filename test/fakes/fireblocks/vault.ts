// Owns the vault accounts of the fake, and the wallets in them (fireblocks/fireblocks-openapi-spec: /vault/accounts, /vault/accounts_paged,
// /vault/accounts/{vaultAccountId}/{assetId}, VaultAccount, VaultAsset, CreateVaultAssetResponse, VaultAccountsPagedResponse). Names are not
// unique. Undocumented, and the fake's own: that ids count up and that the order is theirs, that hidden ones are listed too, that a page that
// is not empty names what comes after, and what is said where a wallet is there already.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { badBody, FireblocksFailure } from './faults.ts';

export const ASSET_ID = 'SOL_TEST';

export interface Vault {
  /** @throws FireblocksFailure, as all others, and then nothing is done. */
  readonly create: (body: unknown) => object;
  readonly createWallet: (vaultAccountId: string, assetId: string, body: unknown) => object;
  readonly list: (query: URLSearchParams) => object;
  readonly addresses: (vaultAccountId: string, assetId: string) => object;
  readonly keyOf: (vaultAccountId: string, assetId: string) => KeyObject;
  /** What each was made with. */
  readonly made: () => readonly object[];
  /** As somebody else would make one; returns its id. */
  readonly add: (name: string) => string;
  /** So many at most are on a page, whatever is asked for. */
  readonly setPageSize: (size: number) => void;
  /** The next lists do not show what is made from now on. */
  readonly hideNewFor: (lists: number) => void;
}

const createSchema = z.strictObject({
  name: z.string().regex(/^[\x20-\x7e]+$/),
  hiddenOnUI: z.boolean().default(false),
  customerRefId: z.string().optional(),
  autoFuel: z.boolean().default(false),
});

const listSchema = z.strictObject({
  namePrefix: z.string().min(1).optional(),
  orderBy: z.enum(['ASC', 'DESC']).default('DESC'),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});

interface Account {
  readonly id: number;
  readonly request: z.output<typeof createSchema>;
  key: KeyObject | null;
}

/** With the vault accounts 7, whose wallet has this key, and 8, which has none. */
export function createVault(key: KeyObject): Vault {
  const request = { hiddenOnUI: false, autoFuel: false };
  const accounts: Account[] = [
    { id: 7, request: { ...request, name: 'Treasury' }, key },
    { id: 8, request: { ...request, name: 'Empty' }, key: null },
  ];
  const there = accounts.length;
  const state = { pageSize: 500, hidden: 0, shown: 0 };
  const add = (given: Account['request']): Account => {
    const account = { id: 8 + accounts.length, request: given, key: null };
    accounts.push(account);
    return account;
  };
  const find = (vaultAccountId: string, assetId: string): Account => {
    const found = accounts.find(({ id }) => String(id) === vaultAccountId);
    if (found === undefined) throw noVaultAccount();
    if (assetId !== ASSET_ID) throw noAsset(assetId);
    return found;
  };
  const visible = (): readonly Account[] => {
    if (state.hidden === 0) return accounts;
    state.hidden -= 1;
    return accounts.slice(0, state.shown);
  };
  return {
    create: (body) => shown(add(parsed(createSchema, body))),
    createWallet: (vaultAccountId, assetId, body) => {
      const account = find(vaultAccountId, assetId);
      parsed(z.strictObject({}), body);
      if (account.key !== null) throw badBody('the wallet is there already');
      account.key = generateKeyPairSync('ed25519').privateKey;
      return { id: vaultAccountId, address: addressOf(account.key), legacyAddress: '', tag: '' };
    },
    list: (query) => {
      const read = listSchema.safeParse(Object.fromEntries(query));
      if (!read.success) throw new FireblocksFailure(400, 1000, 'GetVaultAccounts request has invalid values');
      const { namePrefix = '', orderBy, after, limit } = read.data;
      const matching = visible().filter(({ request: { name } }) => name.startsWith(namePrefix));
      const ordered = orderBy === 'ASC' ? matching : matching.toReversed();
      const start = after === undefined ? 0 : ordered.findIndex(({ id }) => cursorOf(id) === after) + 1;
      const page = ordered.slice(start, start + Math.min(limit, state.pageSize));
      const last = page.at(-1);
      return { accounts: page.map(shown), paging: last === undefined ? {} : { after: cursorOf(last.id) } };
    },
    addresses: (vaultAccountId, assetId) => {
      const account = find(vaultAccountId, assetId);
      return { addresses: account.key === null ? [] : [walletAddress(account.key)], paging: {} };
    },
    keyOf: (vaultAccountId, assetId) => {
      const account = find(vaultAccountId, assetId);
      if (account.key === null) throw noAsset(assetId);
      return account.key;
    },
    made: () => accounts.slice(there).map(({ request: given }) => given),
    add: (name) => String(add({ ...request, name }).id),
    setPageSize: (size) => {
      state.pageSize = size;
    },
    hideNewFor: (lists) => {
      [state.hidden, state.shown] = [lists, accounts.length];
    },
  };
}

export const noVaultAccount = (): FireblocksFailure =>
  new FireblocksFailure(404, 1004, 'The Provided Vault Account ID is invalid');

export const noAsset = (assetId: string): FireblocksFailure =>
  new FireblocksFailure(
    400,
    1503,
    `The asset '${assetId}' is not supported by Fireblocks, please check the supported assets endpoint.`,
  );

function shown({ id, request, key }: Account): object {
  const zero = { total: '0', available: '0', pending: '0', frozen: '0', lockedAmount: '0' };
  return { id: String(id), assets: key === null ? [] : [{ id: ASSET_ID, ...zero }], tags: [], ...request };
}

function walletAddress(key: KeyObject): object {
  const nothing = { description: '', tag: '', type: 'Permanent', userDefined: false };
  return { assetId: ASSET_ID, address: addressOf(key), bip44AddressIndex: 0, ...nothing };
}

export function addressOf(key: KeyObject): string {
  return base58FromBytes(publicKeyBytes(key));
}

function cursorOf(id: number): string {
  return Buffer.from(`startingVaultIdx=${id}`).toString('base64');
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (!read.success) throw badBody(read.error.issues[0]?.path.join('.') ?? 'body');
  return read.data;
}
