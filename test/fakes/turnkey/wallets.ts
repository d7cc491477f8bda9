// Owns the wallets of the fake, and the activities that create and delete them (tkhq/sdk, public_api.swagger.json: v1CreateWalletIntent,
// v1DeleteWalletsIntent, v1Wallet, v1WalletAccount; tkhq/docs, reference/resource-limits.mdx). That a name is taken is what Turnkey answers
// callers in public code; when exactly it looks, and what it says of the hundredth wallet and of one that is not there, is the fake's own.
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { BAD_BODY, TurnkeyFailure } from './faults.ts';

export interface FakeAccount {
  readonly walletAccountId: string;
  readonly address: string;
  readonly curve: string;
  readonly path: string;
  /** `null`: of another chain, for which the fake does not sign. */
  readonly key: KeyObject | null;
}

export interface FakeWallet {
  readonly walletId: string;
  readonly walletName: string;
  /** `null`: it is to be seen in every organization of the fake. */
  readonly organizationId: string | null;
  readonly accounts: FakeAccount[];
  exported: boolean;
  imported: boolean;
}

export interface FakeWallets {
  readonly add: (wallet: Pick<FakeWallet, 'walletName' | 'organizationId' | 'accounts'>) => FakeWallet;
  readonly of: (organizationId: string) => readonly FakeWallet[];
  /** By the address of an account. */
  readonly keyOf: (organizationId: string, address: string) => KeyObject | null;
  /** What the activity does once it is approved. @throws TurnkeyFailure at once, or when it is done. */
  readonly creation: (organizationId: string, parameters: unknown) => () => object;
  readonly deletion: (organizationId: string, parameters: unknown) => () => object;
  /** By activities. */
  readonly created: () => number;
}

const createSchema = z.strictObject({
  walletName: z.string().min(1),
  accounts: z.array(
    z.strictObject({ curve: z.string(), pathFormat: z.string(), path: z.string(), addressFormat: z.string() }),
  ),
  mnemonicLength: z.union([12, 15, 18, 21, 24].map((words) => z.literal(words))).optional(),
});
const deleteSchema = z.strictObject({
  walletIds: z.array(z.string()).min(1),
  deleteWithoutExport: z.boolean().optional(),
});
const MAX_WALLETS = 100;

export function createWallets(): FakeWallets {
  const wallets = new Map<string, FakeWallet>();
  let created = 0;
  const of = (organizationId: string) =>
    [...wallets.values()].filter(
      (wallet) => wallet.organizationId === null || wallet.organizationId === organizationId,
    );
  const add: FakeWallets['add'] = (wallet) => {
    const added = { ...wallet, walletId: randomUUID(), exported: false, imported: false };
    wallets.set(added.walletId, added);
    return added;
  };
  const expectRoomFor = (organizationId: string, walletName: string): void => {
    const there = of(organizationId);
    if (there.some((wallet) => wallet.walletName === walletName)) {
      throw new TurnkeyFailure(400, '', 'wallet label must be unique');
    }
    if (there.length >= MAX_WALLETS) {
      throw new TurnkeyFailure(429, '', 'organization has exceeded maximum wallets');
    }
  };
  return {
    add,
    of,
    keyOf: (organizationId, address) =>
      of(organizationId)
        .flatMap(({ accounts }) => accounts)
        .find((account) => account.address === address)?.key ?? null,
    creation: (organizationId, parameters) => {
      const { walletName, accounts } = parsed(createSchema, parameters);
      for (const account of accounts) expectSolana(account);
      expectRoomFor(organizationId, walletName);
      return () => {
        expectRoomFor(organizationId, walletName);
        const made = accounts.map(({ path }) => newAccount(path));
        const { walletId } = add({ walletName, organizationId, accounts: made });
        created += 1;
        return { createWalletResult: { walletId, addresses: made.map(({ address }) => address) } };
      };
    },
    deletion: (organizationId, parameters) => {
      const { walletIds, deleteWithoutExport = false } = parsed(deleteSchema, parameters);
      const find = () =>
        walletIds.map((id) => {
          const wallet = of(organizationId).find(({ walletId }) => walletId === id);
          if (wallet === undefined) throw new TurnkeyFailure(404, '', `wallet not found: ${id}`);
          return wallet;
        });
      if (!deleteWithoutExport && !find().every(({ exported }) => exported)) {
        throw new TurnkeyFailure(400, '', 'wallet has not been exported');
      }
      find();
      return () => {
        for (const { walletId } of find()) wallets.delete(walletId);
        return { deleteWalletsResult: { walletIds } };
      };
    },
    created: () => created,
  };
}

/** With a key of its own: the fake derives nothing. */
export function newAccount(path: string): FakeAccount {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  return {
    walletAccountId: randomUUID(),
    address: base58FromBytes(publicKeyBytes(key)),
    curve: 'CURVE_ED25519',
    path,
    key,
  };
}

function expectSolana(account: z.output<typeof createSchema>['accounts'][number]): void {
  const { curve, pathFormat, path, addressFormat } = account;
  const wrong =
    (curve !== 'CURVE_ED25519' && 'invalid curve') ||
    (pathFormat !== 'PATH_FORMAT_BIP32' && 'invalid path format') ||
    (!/^m(\/\d+'?)*$/.test(path) && 'invalid path') ||
    (addressFormat !== 'ADDRESS_FORMAT_SOLANA' && 'invalid address format');
  if (wrong !== false) throw new TurnkeyFailure(400, '', wrong);
}

function parsed<T>(schema: z.ZodType<T>, parameters: unknown): T {
  const read = schema.safeParse(parameters);
  if (!read.success) throw BAD_BODY();
  return read.data;
}
