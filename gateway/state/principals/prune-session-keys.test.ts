import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budgetOf } from '../../core/budget/charge.ts';
import type { Limit } from '../../core/decision/decision.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleWallet } from '../testing/sample-principals.ts';
import { sampleApproval, sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const DAY_MS = 86_400_000;

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  await state.wallets.sync([sampleWallet('hot')]);
  await state.principals.create({ kind: 'agent', id: 'bot', wallets: ['hot'] }, sampleEntry('principal.created'));
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

/** One that expired three days ago, unless it is said to be newer. */
async function ended(lineage: readonly string[] = [], daysAgo = 3): Promise<string> {
  const keyId = randomUUID();
  const made = await state.sessionKeys.create(
    {
      keyId,
      agentId: 'bot',
      secretHash: new Uint8Array(32),
      lineage,
      wallets: ['hot'],
      methods: ['sign'],
      limits: [],
      lifetimeMs: 3_600_000,
      notAfter: null,
      isLifetimeAsked: true,
    },
    sampleEntry('session_key.created'),
  );
  expect(made.kind).toBe('created');
  await database.run(
    `UPDATE session_keys SET created_at_ms = created_at_ms - ${daysAgo * DAY_MS}, expires_at_ms = clock_ms() - ${daysAgo * DAY_MS}
      WHERE key_id = '${keyId}'`,
  );
  return keyId;
}

/** In SIGNING, with something reserved of what the key was given. */
async function reserved(session: string): Promise<string> {
  const measure = { kind: 'count' } as const;
  const limit: Limit = {
    id: `session/${session}/count`,
    scope: 'session',
    session,
    measure,
    window: { kind: 'lifetime' },
    max: 9n,
    onExceed: { kind: 'deny' },
  };
  const budget = budgetOf(limit, { agentId: 'bot', walletId: 'hot' });
  const charges = [{ limit, budget, amount: 1n, settlement: 'signature' } as const];
  const request = sampleRequest({ terms: { charges, excess: [], controls: state.controls.current().version } });
  await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  return request.requestId;
}

const prune = (limit = 100) => state.retention.deleteSessionKeys(2 * DAY_MS, limit);
const isKept = async (keyId: string) => (await state.sessionKeys.find(keyId)) !== null;
const budgetsOf = async (keyId: string) => {
  const all = { agentId: null, walletIds: null, withOthers: true, groups: null, activeRevision: 'test-1' };
  return (await state.budgets.list(all, 100)).filter(({ budget }) => budget.startsWith(`session:${keyId}|`)).length;
};

describe('session keys that ended', () => {
  it('go after a time, so many at once, and lead nowhere before and after', async () => {
    const [newer, ...old] = [await ended([], 1), await ended(), await ended()];
    const presented = () => Promise.all([newer, ...old].map((keyId) => state.sessionKeys.findByKey(keyId)));
    expect(await presented()).toEqual([null, null, null]);
    expect([await prune(1), await prune(1), await prune(1)]).toEqual([1, 1, 0]);
    expect(await Promise.all([newer, ...old].map(isKept))).toEqual([true, false, false]);
    expect(await presented()).toEqual([null, null, null]);
  });

  it('go with their budgets, but not while something is reserved of them', async () => {
    const keyId = await ended();
    const requestId = await reserved(keyId);
    await prune();
    expect([await isKept(keyId), await budgetsOf(keyId)]).toEqual([true, 1]);
    await state.requests.advance(
      { ...sampleSigned(requestId), controls: state.controls.current().version },
      sampleEntry('request.signed', requestId),
    );
    expect(await budgetsOf(keyId)).toBe(0);
    await prune();
    expect(await isKept(keyId)).toBe(false);
    expect(await rows(`SELECT name FROM budgets WHERE name LIKE 'session:${keyId}|%'`)).toBe(0);
  });

  it('stay while a request that was made with them may move', async () => {
    const keyId = await ended();
    const request = sampleRequest({ state: 'AWAITING_APPROVAL', approval: sampleApproval(), dueAt: 1 });
    const { judgement } = request;
    const decision = { ...judgement.decision, credential: keyId };
    await state.requests.open(
      { ...request, judgement: { ...judgement, decision } },
      sampleEntry('request.approval_required', request.requestId),
    );
    await prune();
    expect(await isKept(keyId)).toBe(true);
    await state.requests.advance(
      { requestId: request.requestId, from: 'AWAITING_APPROVAL', to: 'DENIED', dueAt: null },
      sampleEntry('request.denied', request.requestId),
    );
    await prune();
    expect(await isKept(keyId)).toBe(false);
  });

  it('stay as long as a key that comes from them', async () => {
    const parent = await ended();
    const child = await ended([parent], 1);
    await prune();
    expect([await isKept(parent), await isKept(child)]).toEqual([true, true]);
    await database.run(`UPDATE session_keys SET created_at_ms = 1, expires_at_ms = 2 WHERE key_id = '${child}'`);
    await prune();
    expect([await isKept(parent), await isKept(child)]).toEqual([false, false]);
  });

  it('stay while a request of a key that comes from them may move, however many ancestors those are', async () => {
    const oldest = await ended();
    const middle = await ended([oldest]);
    const youngest = await ended([oldest, middle]);
    const requestId = await reserved(youngest);
    await prune();
    expect(await Promise.all([oldest, middle, youngest].map(isKept))).toEqual([true, true, true]);
    await state.requests.advance(
      { ...sampleSigned(requestId), controls: state.controls.current().version },
      sampleEntry('request.signed', requestId),
    );
    await prune();
    expect(await Promise.all([oldest, middle, youngest].map(isKept))).toEqual([false, false, false]);
  });
});

async function rows(sql: string): Promise<number> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(sql);
  await client.end();
  return rowCount ?? 0;
}
