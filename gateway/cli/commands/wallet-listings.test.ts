import { afterEach, beforeEach, expect, it } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import type { WalletProposal } from '../../core/wallet/managed-wallet.ts';
import type { TemplateState } from '../../pipeline/administration/managed-wallets-contract.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { WALLET } from '../../rpc/testing/samples.ts';
import { HOT, MADE, PROPOSAL_ID, proposalOf, runWallets, UNTIL } from '../testing/wallet-samples.ts';

const GONE = { ...HOT, state: 'DESTROYED', destroyedAt: MADE } as const;

let plane: Plane;
let proposals: WalletProposal[];
let templates: TemplateState[];

beforeEach(async () => {
  [proposals, templates] = [[], []];
  plane = await controlPlane({
    managedWallets: {
      createWallet: async (_, { walletId, template }) => ({ ...HOT, walletId, template }),
      listWallets: async () => [
        HOT,
        { ...HOT, walletId: 'hot-2', state: 'CREATING', key: null },
        { ...GONE, walletId: 'hot-3' },
        { ...GONE, walletId: 'hot-4', backend: null, key: null },
        { ...GONE, walletId: 'hot-5', keyNote: { operatorId: 'otto', reason: 'shredded\u0007', at: MADE } },
      ],
      listTemplates: async () => templates,
      listProposals: async ({ open }) => proposals.filter(({ carriedOutAt }) => !open || carriedOutAt === null),
      vote: async (by, proposalId, reason) => {
        const [first] = proposals;
        if (first?.proposalId !== proposalId) throw new GatewayError('WALLET_PROPOSAL_NOT_FOUND', 'there is none');
        return { ...first, votes: [...first.votes, { operatorId: by.id, reason, at: 1, counts: true }] };
      },
    },
  });
});

afterEach(() => plane.close());

const run = (...args: readonly string[]) => runWallets(plane, ...args);

it('wallets vote says who can carry it out, and how', async () => {
  proposals = [proposalOf({ proposedBy: 'otto' }, 'otto')];
  expect((await run('vote', PROPOSAL_ID, '--reason', 'aye')).out.split('\n')).toEqual([
    'voted: to destroy hot-1 has 2 of 2 votes',
    'otto can carry it out until 2033-05-18T03:33:20.000Z:',
    '  countersign wallets destroy hot-1 --reason TEXT',
  ]);
});

it('wallets proposals tells what is agreed, and what is over', async () => {
  expect((await run('proposals')).out).toBe('nothing is proposed');
  proposals = [
    proposalOf({}, 'olga', 'otto'),
    proposalOf({ walletId: 'hot-2', reason: 'a\u202eb' }, 'olga'),
    proposalOf({ walletId: 'hot-3', carriedOutAt: UNTIL }, 'olga', 'otto'),
    proposalOf({ walletId: 'hot-4', expiresAt: 1_600_000_000_000 }, 'olga'),
  ];
  const { out } = await run('proposals', '--all');
  expect(out).toMatch(/destroy hot-1 +olga +olga, otto +agreed: olga can carry it out until 2033/);
  expect(out).toMatch(/destroy hot-2 +olga +olga +1 of 2 votes, until 2033\S+ +a\\u\{202e\}b/);
  expect(out).toMatch(/destroy hot-3 .* carried out 2033/);
  expect(out).toMatch(/destroy hot-4 .* expired 2020/);
  expect((await run('proposals')).out).not.toContain('hot-3');
});

it('wallets create shows the address, and what is still to be done', async () => {
  expect((await run('create', 'hot-9', '--template', 'hot')).out.split('\n')).toEqual([
    `created: hot-9 has the address ${WALLET}; its key is called hot-1-0123abcd at the backend`,
    'nobody can use it before an agent may, and the policy says what for:',
    '  countersign principals bind AGENT hot-9',
  ]);
});

it('wallets templates says which backend is not ready', async () => {
  expect(await run('templates')).toMatchObject({ code: 0, out: 'the configuration has no wallet_templates' });
  const lastCheck = { result: { kind: 'failed', field: 'creator.token_file', reason: '403' }, at: UNTIL } as const;
  const flags = { canExport: false, canImport: true, canDestroyKey: true, isOpen: true };
  templates = [{ name: 'hot', backend: 'vault-transit', wallets: 2, maxWallets: 9, ...flags, lastCheck }];
  const { code, out } = await run('templates');
  expect(code).toBe(1);
  expect(out).toMatch(/hot +vault-transit +2 of 9 +destroy keys, import +NOT READY: 403; look at creator.token_file/);
  const unknown = { canExport: false, canImport: false, canDestroyKey: false, isOpen: false };
  templates = [{ name: 'hot', backend: 'local-keypair', wallets: 2, maxWallets: 9, ...unknown, lastCheck }];
  expect((await run('templates')).out).toMatch(/hot +local-keypair +2 of 9 +not known yet +NOT READY/);
});

it('wallets managed tells what is not finished, and whose key is still there', async () => {
  const { out } = await run('managed');
  expect(out).toMatch(new RegExp(`hot-1 +${WALLET} +hot +hot-1-0123abcd +olga +active since 2023`));
  expect(out).toMatch(/hot-2 +- .* NOT FINISHED since 2023\S+: the command that began it, again, .* gives it up/);
  expect(out).toMatch(/hot-3 .* destroyed 2023\S+; ITS KEY IS STILL AT vault-transit/);
  expect(out).toMatch(/hot-4 +- .* destroyed 2023\S+, never finished; ITS KEY MAY BE THERE/);
  expect(out).toMatch(
    /hot-5 .* destroyed 2023\S+; its key: destroyed by hand, says otto since 2023\S+ \(shredded\\u\{7\}\)/,
  );
});

it('wallets --help names the way to stop one at once', async () => {
  expect((await run('--help')).out).toContain('countersign freeze wallet <wallet> --reason <text>');
});
