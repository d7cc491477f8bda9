import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { budgetOf } from '../../core/budget/charge.ts';
import type { Limit } from '../../core/decision/decision.ts';
import type { BudgetFilter } from '../contract/budget-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleWallet } from '../testing/sample-principals.ts';
import { sampleEntry, sampleRequest } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  await state.wallets.sync([sampleWallet('hot'), sampleWallet('cold')]);
  await agentWith('bot1', 'hot');
  await agentWith('bot2', 'cold');
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

/** With one session key, and something reserved of whatever counts for it. */
async function agentWith(agentId: string, walletId: string): Promise<void> {
  await state.principals.create({ kind: 'agent', id: agentId, wallets: [walletId] }, sampleEntry('principal.created'));
  const session = `key-of-${agentId}`;
  await state.sessionKeys.create(
    {
      ...{ keyId: session, agentId, secretHash: new Uint8Array(32), lineage: [randomUUID()], wallets: [walletId] },
      ...{ methods: ['sign'], limits: [], lifetimeMs: 3_600_000, notAfter: null, isLifetimeAsked: true },
    },
    sampleEntry('session_key.created'),
  );
  const whose: readonly Pick<Limit, 'scope' | 'group' | 'session'>[] = [
    { scope: 'agent_wallet' },
    { scope: 'agent' },
    { scope: 'wallet' },
    { scope: 'agent_group', group: `group-of-${agentId}` },
    { scope: 'global' },
    { scope: 'session', session },
  ];
  const charges = whose.map((scope) => {
    const limit: Limit = {
      ...{ id: scope.scope, measure: { kind: 'count' }, window: { kind: 'lifetime' }, max: 9n },
      ...{ onExceed: { kind: 'deny' }, ...scope },
    };
    return { limit, budget: budgetOf(limit, { agentId, walletId }), amount: 1n, settlement: 'signature' } as const;
  });
  const request = sampleRequest({ terms: { charges, excess: [], controls: state.controls.current().version } });
  await state.requests.open(request, sampleEntry('request.signing', request.requestId));
}

async function listed(filter: Partial<BudgetFilter>): Promise<readonly string[]> {
  const any = { agentId: null, walletIds: null, withOthers: true, groups: null, activeRevision: 'test-1' };
  return (await state.budgets.list({ ...any, ...filter }, 100)).map(({ budget }) => budget.split('|')[0] ?? '');
}

it('lists for an agent what counts for it: its own, its wallets, its groups, its session keys, and what everybody shares', async () => {
  const ofBot1 = ['agent:bot1', 'agent_group:group-of-bot1', 'agent_wallet:bot1:hot', 'global'];
  expect(await listed({ agentId: 'bot1', groups: ['group-of-bot1'] })).toEqual([
    ...ofBot1,
    'session:key-of-bot1',
    'wallet:hot',
  ]);
});

it('lists for a wallet what counts for it, of whatever agent', async () => {
  const found = await listed({ walletIds: ['cold'], groups: ['group-of-bot2'] });
  expect(found.filter((whose) => !whose.startsWith('agent:'))).toEqual([
    ...['agent_group:group-of-bot2', 'agent_wallet:bot2:cold', 'global', 'session:key-of-bot2', 'wallet:cold'],
  ]);
});

it('lists all where nobody is named', async () => {
  expect(await listed({})).toHaveLength(11);
});
