// Owns the wallets of the fake: one that is there from the start, and those that are created (privy-io/rust-sdk, openapi.json: POST and GET
// /v1/wallets; docs.privy.io, External IDs: unique in an app). With which status and words Privy refuses a second external id, a quorum or a
// policy that is not there, and that it refuses unknown fields, is the fake's own choice.
import { generateKeyPairSync } from 'node:crypto';
import * as z from 'zod';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { PrivyFailure } from './privy-failure.ts';
import type { SigningWallet } from './privy-wallet.ts';

export interface ShownWallet extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly external_id: string | null;
  readonly owner_id: unknown;
  readonly additional_signers: readonly { readonly signer_id: string }[];
}

export interface FakeWallet {
  readonly keys: SigningWallet;
  shown: ShownWallet;
}

/** What there is in the app besides wallets. */
export interface AppThings {
  readonly isQuorum: (id: string) => boolean;
  readonly isPolicy: (id: string) => boolean;
}

export interface FakeWallets {
  /** Without an owner. */
  readonly add: () => FakeWallet;
  readonly find: (id: string) => FakeWallet | null;
  /** Of a new wallet. @throws PrivyFailure */
  readonly create: (body: unknown) => object;
  /** @throws PrivyFailure */
  readonly list: (query: URLSearchParams) => object;
  readonly created: () => number;
}

const policies = z.array(z.string().length(24)).max(1);
const createSchema = z.strictObject({
  chain_type: z.literal('solana'),
  display_name: z.string().max(100).optional(),
  external_id: z
    .string()
    .max(64)
    .regex(/^[a-zA-Z0-9_-]+$/)
    .optional(),
  policy_ids: policies.default([]),
  owner_id: z.string().optional(),
  additional_signers: z
    .array(z.strictObject({ signer_id: z.string(), override_policy_ids: policies.optional() }))
    .default([]),
});
const querySchema = z.strictObject({
  cursor: z.string().min(1).optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/)
    .default('100'),
  chain_type: z.string().optional(),
  external_id: z.string().optional(),
});

export function createWallets(newId: () => string, things: AppThings): FakeWallets {
  const wallets = new Map<string, FakeWallet>();
  let created = 0;
  const keep = (given: z.output<typeof createSchema>): FakeWallet => {
    const { privateKey: key } = generateKeyPairSync('ed25519');
    const keys = { address: base58FromBytes(publicKeyBytes(key)), key };
    const times = { created_at: 1_741_834_854_578, exported_at: null, imported_at: null };
    const { external_id = null, owner_id = null } = given;
    const shown = { ...given, external_id, owner_id, id: newId(), address: keys.address, ...times };
    const wallet = { keys, shown };
    wallets.set(shown.id, wallet);
    return wallet;
  };
  return {
    add: () => keep({ chain_type: 'solana', policy_ids: [], additional_signers: [] }),
    find: (id) => wallets.get(id) ?? null,
    create: (body) => {
      const read = createSchema.safeParse(body);
      if (!read.success) throw invalid('Invalid request body');
      const { external_id, owner_id, policy_ids, additional_signers } = read.data;
      const quorums = [
        ...(owner_id === undefined ? [] : [owner_id]),
        ...additional_signers.map((each) => each.signer_id),
      ];
      const bound = [...policy_ids, ...additional_signers.flatMap((each) => each.override_policy_ids ?? [])];
      if (!quorums.every(things.isQuorum)) throw invalid('Key quorum not found');
      if (!bound.every(things.isPolicy)) throw invalid('Policy not found');
      const isTaken = [...wallets.values()].some(({ shown }) => shown.external_id === external_id);
      if (external_id !== undefined && isTaken) throw invalid('A wallet with this external_id already exists');
      created += 1;
      return keep(read.data).shown;
    },
    list: (query) => {
      const read = querySchema.safeParse(Object.fromEntries(query));
      if (!read.success) throw invalid('Invalid query');
      const { cursor, limit, chain_type, external_id } = read.data;
      const fitting = [...wallets.values()]
        .map(({ shown }) => shown)
        .filter((shown) => chain_type === undefined || shown.chain_type === chain_type)
        .filter((shown) => external_id === undefined || shown.external_id === external_id);
      const from = cursor === undefined ? 0 : fitting.findIndex(({ id }) => id === cursor) + 1;
      const page = fitting.slice(from, from + Number(limit));
      const last = page.at(-1)?.id;
      return { data: page, ...(from + page.length < fitting.length ? { next_cursor: last } : {}) };
    },
    created: () => created,
  };
}

function invalid(message: string): PrivyFailure {
  return new PrivyFailure(400, 'invalid_data', message);
}
