import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { State } from './contract/state.ts';
import { openState } from './open-state.ts';
import { createAdmin } from './testing/sample-principals.ts';
import { SAMPLE_TERMS, sampleEntry, sampleRequest } from './testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

const ANY = { agentId: 'agent-1', walletId: null, states: [], since: null, credential: 'key-1' } as const;
const EVER = { from: null, to: null, agentId: null, walletId: null };
const OF_AGENT = { agentId: 'agent-1', walletIds: null, withOthers: false, groups: null, activeRevision: 'test-1' };

type List = (state: State) => Promise<unknown>;

const listBudgets: List = ({ budgets }) => budgets.list(OF_AGENT, 1_001);

/** By the table that keeps it from ending while somebody else has it. */
const LISTINGS: readonly (readonly [name: string, table: string, list: List])[] = [
  ['requests', 'requests', ({ requests }) => requests.list({ filter: ANY, limit: 50, after: null })],
  ['what was judged', 'requests', ({ requests }) => requests.readJudged(EVER, null, 50)],
  ['budgets', 'limits', listBudgets],
  ['approvals', 'approvals', ({ approvals }) => approvals.list({ states: ['PENDING'], limit: 50, after: null })],
  ['session keys', 'session_keys', ({ sessionKeys }) => sessionKeys.list({ agentId: null, under: null, ended: true })],
  ['what is open', 'requests', ({ status }) => status.read()],
  ['wallet proposals', 'wallet_proposals', ({ managedWallets }) => managedWallets.listProposals({ open: true })],
];

let database: TestDatabase;
let state: State;
let other: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  const limits = { connectTimeoutMs: 400, statementTimeoutMs: 2_000, lockTimeoutMs: 1_900 };
  state = await openState({ databaseUrl: database.url, instanceId: 'test', limits });
  await createAdmin(state, 'ann');
  other = new Client({ connectionString: database.url });
  await other.connect();
});

afterAll(async () => {
  await other.end();
  await state.close();
  await database.drop();
});

/** What 40 listings came to that began before `work` and could not end until it did. */
async function whileListing(table: string, list: List, work: () => Promise<void>): Promise<unknown> {
  await other.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  const begun = Promise.allSettled(Array.from({ length: 40 }, () => list(state)));
  await work().finally(() => other.query('ROLLBACK'));
  return new Set((await begun).map(({ status }) => status));
}

describe('however many list at once, and however long that takes,', () => {
  it.each(LISTINGS)('others authenticate and freeze meanwhile: %s', async (_, table, list) => {
    const listed = await whileListing(table, list, async () => {
      const id = randomUUID();
      const ask = { freezeId: id, scope: 'agent', target: `agent-${id}`, reason: 'stolen', frozenBy: 'ann' } as const;
      expect(await state.controls.freeze(ask, sampleEntry('freeze.set'))).toMatchObject({ kind: 'frozen' });
      expect(await state.principals.findByKey('key-1')).toBeNull();
    });
    expect(listed).toEqual(new Set(['fulfilled']));
  });

  it('requests are committed meanwhile', async () => {
    const listed = await whileListing('limits', listBudgets, async () => {
      const terms = { ...SAMPLE_TERMS, controls: state.controls.current().version };
      const request = sampleRequest({ terms }, { agentId: 'agent-2' });
      expect(await state.requests.open(request, sampleEntry('request.signing'))).toEqual({ kind: 'opened' });
    });
    expect(listed).toEqual(new Set(['fulfilled']));
  });
});
