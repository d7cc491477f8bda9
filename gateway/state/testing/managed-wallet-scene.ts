// Owns the scene of tests of managed wallets: two gateways on one database, and the admins ann, ben and cem.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { addressFromBytes } from '../../core/base58.ts';
import {
  type ManagedKey,
  type ManagedWallet,
  WALLET_PROPOSAL_LIFE_MS,
  type WalletActionTerms,
  type WalletProposal,
} from '../../core/wallet/managed-wallet.ts';
import type { ActivateResult, BeginAsk, BeginResult, WalletChangeResult } from '../contract/managed-wallet-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { createAdmin } from './sample-principals.ts';
import { sampleEntry } from './sample-request.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

export interface ManagedWalletScene {
  readonly database: TestDatabase;
  readonly state: State;
  /** As another gateway. */
  readonly other: State;
  begin(change?: Partial<BeginAsk>, on?: State): Promise<BeginResult>;
  activate(walletId: string, change?: Activation): Promise<ActivateResult>;
  /** Active, of the template `pool`. */
  wallet(walletId?: string): Promise<ManagedWallet>;
  freeze(walletId: string): Promise<string>;
  /** By ann, with her vote and those of `voters`. */
  propose(walletId: string, terms: WalletActionTerms, ...voters: readonly string[]): Promise<WalletProposal>;
  /** As ann, with two votes. */
  destroy(proposalId: string, on?: State): Promise<WalletChangeResult>;
  /** Kinds of the audit records behind this one. */
  kindsAfter(sequence: bigint): Promise<readonly string[]>;
  head(): Promise<bigint>;
  close(): Promise<void>;
}

/** By default of a key of its own that its backend made, on the first gateway. */
interface Activation {
  readonly key?: ManagedKey;
  readonly proposalId?: string | null;
  readonly on?: State;
}

/** One for all tests of a file. */
export function useManagedWalletScene(): () => ManagedWalletScene {
  let scene: ManagedWalletScene | null = null;
  beforeAll(async () => {
    scene = await openManagedWalletScene();
  });
  afterAll(() => scene?.close());
  return () => {
    if (scene === null) throw new Error('the scene opens before the tests of the file');
    return scene;
  };
}

/** Many take turns, also where the machine is busy. */
const PATIENT = { lockTimeoutMs: 20_000, statementTimeoutMs: 25_000 };

export async function openManagedWalletScene(): Promise<ManagedWalletScene> {
  const database = await createTestDatabase();
  const open = (instanceId: string) => openState({ databaseUrl: database.url, instanceId, limits: PATIENT });
  const [state, other] = [await open('one'), await open('two')];
  for (const id of ['ann', 'ben', 'cem']) await createAdmin(state, id);
  const { managedWallets } = state;
  const begin: ManagedWalletScene['begin'] = (change = {}, on = state) =>
    on.managedWallets.begin(sampleBegin(change), sampleEntry('wallet.creation_begun'));
  const activate: ManagedWalletScene['activate'] = (
    walletId,
    { key = sampleKey(), proposalId = null, on = state } = {},
  ) => on.managedWallets.activate(walletId, key, proposalId, sampleEntry('wallet.created'));
  return {
    database,
    state,
    other,
    begin,
    activate,
    async wallet(walletId = sampleId()) {
      await begin({ walletId });
      const made = await activate(walletId);
      if (made.kind !== 'activated') throw new Error(`the wallet ${walletId} was not activated: ${made.kind}`);
      return made.wallet;
    },
    async freeze(target) {
      const asked = { freezeId: randomUUID(), scope: 'wallet', target, reason: 'it goes', frozenBy: 'ben' } as const;
      return (await state.controls.freeze(asked, sampleEntry('freeze.set'))).freeze.freezeId;
    },
    async propose(walletId, terms, ...voters) {
      const proposalId = randomUUID();
      const asked = { proposalId, walletId, terms, reason: 'as agreed', proposedBy: 'ann' };
      const lifeMs = WALLET_PROPOSAL_LIFE_MS;
      await managedWallets.propose({ ...asked, lifeMs }, sampleEntry('wallet.action_proposed'));
      for (const operatorId of voters) {
        await managedWallets.vote({ proposalId, operatorId, reason: 'aye' }, sampleEntry('wallet.action_voted'));
      }
      const proposal = await managedWallets.findProposal(proposalId);
      if (proposal === null) throw new Error('nothing was proposed');
      return proposal;
    },
    destroy: (proposalId, on = state) =>
      on.managedWallets.destroy({ proposalId, operatorId: 'ann', quorum: 2 }, sampleEntry('wallet.destroyed')),
    async kindsAfter(sequence) {
      const records = await state.audit.readAfter(sequence, 100);
      return records.map(({ body }) => JSON.parse(Buffer.from(body).toString()).kind);
    },
    head: async () => (await state.audit.head())?.sequence ?? 0n,
    async close() {
      await state.close();
      await other.close();
      await database.drop();
    },
  };
}

export function sampleId(): string {
  return `w-${randomBytes(4).toString('hex')}`;
}

/** Of the template `pool`, by ann; there is room. */
export function sampleBegin(change: Partial<BeginAsk> = {}): BeginAsk {
  const walletId = change.walletId ?? sampleId();
  const label = `${walletId}-${randomBytes(4).toString('hex')}`;
  return {
    walletId,
    template: 'pool',
    backend: 'vault-transit',
    label,
    createdBy: 'ann',
    maxWallets: 1_000,
    proposal: null,
    ...change,
  };
}

export function sampleKey(): ManagedKey {
  const reference = { key: `transit/keys/${sampleId()}`, key_version: 1 };
  return { address: addressFromBytes(new Uint8Array(randomBytes(32))), reference };
}
