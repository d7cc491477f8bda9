import type { DescMethod, DescMethodUnary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManagedWalletState, WalletService } from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import type { OperatorRole } from '../../core/principal/principal.ts';
import type { ManagedWallet, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { OPERATOR, WALLET } from '../testing/samples.ts';

const { method } = WalletService;
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const RECIPIENT = `age1${'q'.repeat(58)}`;

const ACTIVE: ManagedWallet = {
  walletId: 'hot-1',
  template: 'hot',
  backend: 'vault-transit',
  state: 'ACTIVE',
  label: 'hot-1-0123abcd',
  key: { address: WALLET, reference: { sealed: 'a-sealed-key' } },
  createdBy: 'olga',
  createdAt: 1_700_000_000_000,
  destroyedAt: null,
  keyDestroyedDetail: null,
  keyNote: null,
};

const UNFINISHED: ManagedWallet = { ...ACTIVE, walletId: 'hot-2', state: 'CREATING', key: null };

const PROPOSAL: WalletProposal = {
  proposalId: ID,
  walletId: 'hot-1',
  terms: { action: 'export', recipient: RECIPIENT },
  reason: 'we move',
  proposedBy: 'olga',
  proposedAt: 1_700_000_000_000,
  expiresAt: 1_700_086_400_000,
  votes: [{ operatorId: 'olga', reason: 'we move', at: 1_700_000_000_000, counts: true }],
  carriedOutAt: null,
};

let plane: Plane;
let asked: unknown[];
let given: Uint8Array | null;

beforeEach(async () => {
  [asked, given] = [[], null];
  const note = (...what: unknown[]) => void asked.push(what);
  plane = await controlPlane({
    managedWallets: {
      quorum: 3,
      createWallet: async (by, ask) => {
        note(by.id, ask);
        return ACTIVE;
      },
      listWallets: async (page) => {
        note(page);
        return [ACTIVE, UNFINISHED].slice(0, page.limit);
      },
      listTemplates: async (ask) => {
        note(ask);
        const result = { kind: 'failed', field: 'creator.token_file', reason: 'permission denied' } as const;
        const flags = { canExport: true, canImport: false, canDestroyKey: true, isOpen: true };
        return [
          { name: 'hot', backend: 'vault-transit', wallets: 2, maxWallets: 9, ...flags, lastCheck: { result, at: 5 } },
        ];
      },
      propose: async (by, ask) => {
        note(by.id, ask);
        return { ...PROPOSAL, walletId: ask.walletId, terms: ask.terms };
      },
      vote: async (by, ...rest) => {
        note(by.id, ...rest);
        return PROPOSAL;
      },
      listProposals: async (filter) => {
        note(filter);
        return [PROPOSAL];
      },
      destroyWallet: async (by, proposalId) => {
        note(by.id, proposalId);
        const wallet = { ...ACTIVE, state: 'DESTROYED', destroyedAt: 1_700_000_000_000 } as const;
        return { wallet, keyProblem: 'its key is still there' };
      },
      noteKeyDestroyed: async (by, ask) => {
        note(by.id, ask);
        const keyNote = { operatorId: by.id, reason: ask.reason, at: 1_700_000_000_000 };
        return { ...ACTIVE, state: 'DESTROYED', destroyedAt: 1, keyNote };
      },
      exportWallet: async (by, proposalId) => {
        note(by.id, proposalId);
        return { wallet: ACTIVE, encryptedKey: 'armored' };
      },
      importWallet: async (by, proposalId, privateKey) => {
        note(by.id, proposalId, Uint8Array.from(privateKey));
        given = privateKey;
        return ACTIVE;
      },
    },
  });
});

afterEach(() => plane.close());

describe('what is shown of a managed wallet', () => {
  it('is all but the reference to its key', async () => {
    const { wallet } = await plane.caller.unary(method.createWallet, { wallet: 'hot-1', template: 'hot' });
    expect(asked).toEqual([['olga', { walletId: 'hot-1', template: 'hot' }]]);
    const { state, address, label, createdBy, keyDestroyed } = wallet ?? {};
    expect({ state, address, label, createdBy, keyDestroyed }).toEqual({
      state: ManagedWalletState.ACTIVE,
      address: WALLET,
      label: 'hot-1-0123abcd',
      createdBy: 'olga',
      keyDestroyed: '',
    });
    expect(wallet?.destroyTime).toBeUndefined();
    expect(Object.values(wallet ?? {})).not.toContain('a-sealed-key');
  });

  it('comes in pages', async () => {
    const first = await plane.caller.unary(method.listManagedWallets, { pageSize: 1 });
    expect(first).toMatchObject({ wallets: [{ wallet: 'hot-1' }], nextPageToken: 'hot-1' });
    const last = await plane.caller.unary(method.listManagedWallets, { pageToken: 'hot-1' });
    expect(last).toMatchObject({ nextPageToken: '' });
    expect(last.wallets[1]).toMatchObject({ wallet: 'hot-2', state: ManagedWalletState.CREATING, address: '' });
    expect(asked).toEqual([[{ limit: 1, after: null }], [{ limit: 50, after: 'hot-1' }]]);
  });
});

it('ListWalletTemplates tells how full each is and what its backend said', async () => {
  const { templates } = await plane.caller.unary(method.listWalletTemplates, { check: true });
  expect(templates).toMatchObject([
    { name: 'hot', type: 'vault-transit', wallets: 2, maxWallets: 9, canExport: true, canImport: false },
  ]);
  expect(templates[0]?.lastCheck).toMatchObject({
    ready: false,
    detail: 'permission denied',
    field: 'creator.token_file',
  });
  expect(asked).toEqual([[{ check: true }]]);
});

describe('proposals', () => {
  it('are made of one action, with its terms', async () => {
    const actions = [
      { case: 'destroy', value: {} },
      { case: 'exportKey', value: { recipient: RECIPIENT } },
      { case: 'importKey', value: { template: 'hot', address: WALLET } },
    ] as const;
    for (const action of actions) {
      const { proposal, quorum } = await plane.caller.unary(method.proposeWalletAction, {
        wallet: 'hot-9',
        reason: 'why',
        action,
      });
      expect([proposal?.wallet, proposal?.action, quorum]).toMatchObject(['hot-9', action, 3]);
    }
    expect(asked).toEqual(
      [
        { action: 'destroy' },
        { action: 'export', recipient: RECIPIENT },
        { action: 'import', template: 'hot', address: WALLET },
      ].map((terms) => ['olga', { walletId: 'hot-9', terms, reason: 'why' }]),
    );
  });

  it('are voted for by their id, and listed with who asks', async () => {
    await plane.caller.unary(method.voteForWalletAction, { proposalId: ID.toUpperCase(), reason: 'yes' });
    const listed = await plane.caller.unary(method.listWalletProposals, { includeClosed: true });
    expect(listed).toMatchObject({ quorum: 3, caller: 'olga', proposals: [{ proposalId: ID, proposedBy: 'olga' }] });
    expect(listed.proposals[0]?.votes).toMatchObject([{ operator: 'olga', counts: true }]);
    expect(asked).toEqual([['olga', ID, 'yes'], [{ open: false }]]);
  });
});

it('NoteKeyDestroyed takes why, and shows who said so', async () => {
  const noting = (wallet: string, reason: string) => plane.caller.unary(method.noteKeyDestroyed, { wallet, reason });
  const { wallet } = await noting('hot-1', 'shredded');
  expect(wallet?.keyNote).toMatchObject({
    operator: 'olga',
    reason: 'shredded',
    noteTime: { seconds: 1_700_000_000n },
  });
  expect(wallet).toMatchObject({ keyDestroyed: '', type: 'vault-transit' });
  expect(asked).toEqual([['olga', { walletId: 'hot-1', reason: 'shredded' }]]);
  await expect(noting('hot-1', ' ')).rejects.toThrow('reason must be a text that says why');
  await expect(noting('Hot 1', 'x')).rejects.toThrow('wallet must be 1 to 64 of a-z');
});

describe('what is agreed', () => {
  it('is carried out by the id of the proposal', async () => {
    const destroyed = await plane.caller.unary(method.destroyWallet, { proposalId: ID });
    expect(destroyed).toMatchObject({ keyProblem: 'its key is still there' });
    expect(destroyed.wallet).toMatchObject({ state: ManagedWalletState.DESTROYED, keyDestroyed: '' });
    expect(await plane.caller.unary(method.exportWallet, { proposalId: ID })).toMatchObject({
      encryptedKey: 'armored',
    });
    expect(asked).toEqual([
      ['olga', ID],
      ['olga', ID],
    ]);
  });

  it('takes a key that is wiped from the bytes of the call', async () => {
    const privateKey = new Uint8Array(64).fill(7);
    await plane.caller.unary(method.importWallet, { proposalId: ID, privateKey });
    expect(asked).toEqual([['olga', ID, new Uint8Array(64).fill(7)]]);
    expect(Uint8Array.from(given ?? [1])).toEqual(new Uint8Array(64));
  });
});

const propose = (change: object) => ({
  wallet: 'hot-1',
  reason: 'why',
  action: { case: 'destroy', value: {} } as const,
  ...change,
});

describe('a field that is wrong is named', () => {
  it.each([
    [method.createWallet, { wallet: 'Hot 1', template: 'hot' }, 'wallet must be 1 to 64 of a-z, 0-9 and dash'],
    [method.createWallet, { wallet: 'x'.repeat(65), template: 'hot' }, 'wallet must be 1 to 64'],
    [method.createWallet, { wallet: 'hot-1' }, 'template must be 1 to 64'],
    [method.listManagedWallets, { pageSize: 201 }, 'page_size must be at most 200'],
    [method.listManagedWallets, { pageToken: '../x' }, 'page_token must be 1 to 64'],
    [method.proposeWalletAction, propose({ wallet: '' }), 'wallet must be 1 to 64 of a-z, 0-9 and dash; found nothing'],
    [method.proposeWalletAction, propose({ reason: ' ' }), 'reason must be a text that says why'],
    [method.proposeWalletAction, propose({ reason: 'x'.repeat(257) }), 'reason must be at most 256 bytes'],
    [
      method.proposeWalletAction,
      { wallet: 'hot-1', reason: 'why' },
      'action must be destroy, export_key or import_key',
    ],
    [
      method.proposeWalletAction,
      propose({ action: { case: 'exportKey', value: { recipient: 'a'.repeat(2049) } } }),
      'export_key.recipient must be at most 2048 bytes',
    ],
    [
      method.proposeWalletAction,
      propose({ action: { case: 'importKey', value: { template: 'hot', address: 'x' } } }),
      'import_key.address must be the address of the key',
    ],
    [method.voteForWalletAction, { proposalId: 'x', reason: 'y' }, 'proposal_id must be a UUID'],
    [method.voteForWalletAction, { proposalId: ID }, 'reason must be'],
    [method.destroyWallet, {}, 'proposal_id must be a UUID'],
    [method.exportWallet, { proposalId: 'hot-1' }, 'proposal_id must be a UUID'],
    [method.importWallet, { privateKey: new Uint8Array(64) }, 'proposal_id must be a UUID'],
  ])('%s %j', async (called, request, message) => {
    const refused = { reason: 'INVALID_FIELD', message: expect.stringContaining(message) };
    await expect(plane.caller.unary<typeof called.input, typeof called.output>(called, request)).rejects.toMatchObject(
      refused,
    );
    expect(asked).toEqual([]);
  });
});

function isUnary(found: DescMethod): found is DescMethodUnary {
  return found.methodKind === 'unary';
}

it.each<OperatorRole>(['approver', 'auditor', 'policy'])('the role %s may do nothing of it', async (role) => {
  const caller = plane.connect(plane.principals.add({ ...OPERATOR, id: role, roles: [role] }));
  const methods = WalletService.methods.filter(isUnary);
  expect(methods).toHaveLength(10);
  for (const each of methods) {
    await expect(caller.unary(each, {}), each.name).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
  }
  expect(asked).toEqual([]);
});
