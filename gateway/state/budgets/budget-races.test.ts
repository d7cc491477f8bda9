// What might make a budget count twice, or not at all: batches that meet in any order, answers that are lost, keys that come twice, an
// older gateway beside.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom, seedOfRun } from '../../../test/differential/seeded-random.ts';
import type { Charge, Settlement } from '../../core/budget/charge.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { NewRequest } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { type CuttingProxy, startCuttingProxy } from '../testing/cutting-proxy.ts';
import { sampleEntry, sampleJudgement, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let proxy: CuttingProxy;
let state: State;
let other: State;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  const url = new URL(database.url);
  proxy = await startCuttingProxy(Number(url.port));
  url.port = String(proxy.port);
  state = await openState({ databaseUrl: url.href, instanceId: 'one' });
  other = await openState({ databaseUrl: database.url, instanceId: 'two' });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await state.close();
  await other.close();
  await proxy.close();
  await database.drop();
});

function charge(budget: string, amount: bigint, max = 100n, settlement: Settlement = 'landing'): Charge {
  const window = { kind: 'rolling', seconds: 86_400 } as const;
  const measure = { kind: 'outflow', asset: 'SOL' } as const;
  return {
    limit: { id: budget, scope: 'wallet', measure, window, max, onExceed: { kind: 'deny' } },
    budget,
    amount,
    settlement,
  };
}

function charging(charges: readonly Charge[], change: Partial<NewRequest['ask']> = {}): NewRequest {
  return sampleRequest({ terms: { charges, excess: [], controls: 1n } }, change);
}

function open(by: State, request: NewRequest) {
  return by.requests.open(request, sampleEntry('request.signing', request.requestId));
}

async function standing(budget: string) {
  const [found] = await other.budgets.standings([charge(budget, 0n)]);
  return { used: found?.used, reserved: found?.reserved };
}

async function row(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>> {
  const { rows } = await client.query(sql, [...values]);
  return rows[0];
}

describe('two gateways on one database', () => {
  it('never wait for each other, never exceed a limit, and count all that is open and used', async () => {
    const random = seededRandom(seedOfRun('budget races'));
    const names = Array.from({ length: 6 }, (_, i) => `race ${i}`);
    const finals: readonly (readonly RequestState[])[] = [
      ['SIGNING_FAILED'],
      ['SIGNED', 'SUBMITTED', 'EXPIRED'],
      ['SIGNED', 'SUBMITTED', 'CONFIRMED', 'FINALIZED'],
    ];
    const max = 120n;
    const used = new Map(names.map((name) => [name, 0n]));
    async function live(by: State): Promise<void> {
      const charges = names
        .map((name) => ({ name, order: random.below(1000) }))
        .sort((a, b) => a.order - b.order)
        .slice(0, 1 + random.below(4))
        .map(({ name }) => charge(name, BigInt(1 + random.below(5)), max));
      const path = random.pick(finals);
      const request = charging(charges);
      if ((await open(by, request)).kind !== 'opened') return;
      let from: RequestState = 'SIGNING';
      for (const to of path) {
        const change =
          to === 'SIGNED' ? sampleSigned(request.requestId) : { requestId: request.requestId, from, to, dueAt: null };
        expect(await (random.chance(50) ? state : other).requests.advance(change, null)).toEqual({ kind: 'advanced' });
        from = to;
      }
      if (path.at(-1) !== 'FINALIZED') return;
      for (const { budget, amount } of charges) used.set(budget, (used.get(budget) ?? 0n) + amount);
    }
    await Promise.all(
      Array.from({ length: 64 }, async (_, worker) => {
        for (let i = 0; i < 12; i++) await live(worker % 2 === 0 ? state : other);
      }),
    );
    for (const name of names) {
      expect(await standing(name)).toEqual({ used: used.get(name), reserved: 0n });
      expect(used.get(name)).toBeLessThanOrEqual(max);
      expect(used.get(name)).toBeGreaterThan(max / 2n);
    }
    await client.query('SELECT pg_stat_force_next_flush()');
    const { deadlocks } = await row('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
    expect(deadlocks).toBe('0');
  }, 30_000);

  it('create the same budgets in different orders without waiting for each other, beside budgets that exist', async () => {
    for (let round = 0; round < 20; round++) {
      const names = Array.from({ length: 8 }, (_, i) => `created ${round} ${i}`);
      const existing = names.filter((_, i) => round % 4 > i % 4);
      if (existing.length > 0) await open(state, charging(existing.map((name) => charge(name, 1n))));
      const forth = charging(names.map((name) => charge(name, 1n)));
      const back = charging(names.toReversed().map((name) => charge(name, 1n)));
      const results = await Promise.all([open(state, forth), open(other, back)]);
      expect(results.map(({ kind }) => kind)).toEqual(['opened', 'opened']);
      for (const name of names) {
        expect(await standing(name)).toEqual({ used: 0n, reserved: existing.includes(name) ? 3n : 2n });
      }
    }
  });

  it('let no more than one of them use up a budget that neither has seen before', async () => {
    for (let round = 0; round < 20; round++) {
      const asking = () => charging([charge(`new ${round}`, 60n), charge(`other ${round}`, 60n)]);
      const results = await Promise.all([open(state, asking()), open(other, asking())]);
      expect(results.map(({ kind }) => kind).sort()).toEqual(['exceeded', 'opened']);
      expect(await standing(`new ${round}`)).toEqual({ used: 0n, reserved: 60n });
    }
  });

  it('leave no budget of what had no room, and make it once something has', async () => {
    const rowsOf = (name: string) =>
      row(
        `SELECT count(b)::int AS budgets, count(l)::int AS limits FROM budgets b LEFT JOIN limits l USING (budget_id)
          WHERE b.name = $1`,
        [name],
      );
    for (let round = 0; round < 20; round++) {
      const [full, shared] = [`full ${round}`, `shared ${round}`];
      const tooMuch = () => charging([charge(full, 101n), charge(shared, 101n)]);
      const results = await Promise.all([
        open(state, tooMuch()),
        open(other, charging([charge(shared, 60n)])),
        open(other, tooMuch()),
      ]);
      expect(results.map(({ kind }) => kind)).toEqual(['exceeded', 'opened', 'exceeded']);
      expect(await standing(shared)).toEqual({ used: 0n, reserved: 60n });
      expect(await rowsOf(full)).toEqual({ budgets: 0, limits: 0 });
      expect(await open(state, charging([charge(full, 100n)]))).toEqual({ kind: 'opened' });
      expect(await rowsOf(full)).toEqual({ budgets: 1, limits: 1 });
    }
  });

  it('sign the same messages in different orders: each by one of them, and neither fails', async () => {
    for (let round = 0; round < 5; round++) {
      const judgements = Array.from({ length: 24 }, () => sampleJudgement());
      const asks = (list: typeof judgements) =>
        list.map((judgement) => ({ ...charging([], { setFreshBlockhash: true }), judgement }));
      const results = await Promise.all([
        ...asks(judgements).map((request) => open(state, request)),
        ...asks(judgements.toReversed()).map((request) => open(other, request)),
      ]);
      expect(results.filter(({ kind }) => kind === 'opened')).toHaveLength(24);
      expect(results.filter(({ kind }) => kind === 'duplicate_message')).toHaveLength(24);
    }
  }, 30_000);
});

describe('an idempotency key that comes twice at once', () => {
  it('reserves once, and the second finds the first', async () => {
    const budget = `key ${randomUUID()}`;
    const key = { idempotencyKey: randomUUID() };
    const [first, second] = [charging([charge(budget, 60n)], key), charging([charge(budget, 60n)], key)];
    const results = await Promise.all([open(state, first), open(state, second)]);
    expect(results.map(({ kind }) => kind)).toEqual(['opened', 'exists']);
    expect(await standing(budget)).toEqual({ used: 0n, reserved: 60n });
  });

  it('whose first has no room leaves nothing of it, and the second is opened as if it came alone', async () => {
    const budget = `key ${randomUUID()}`;
    const key = { idempotencyKey: randomUUID() };
    const [first, second] = [charging([charge(budget, 101n)], key), charging([charge(budget, 1n)], key)];
    const results = await Promise.all([open(state, first), open(state, second)]);
    expect(results.map(({ kind }) => kind)).toEqual(['exceeded', 'opened']);
    expect(await standing(budget)).toEqual({ used: 0n, reserved: 1n });
    expect(await state.requests.find(first.requestId)).toBeNull();
  });
});

describe('when the answer to a commit is lost', () => {
  it('what had no room beside what was committed reserves nothing, and is told so', async () => {
    const budget = `lost ${randomUUID()}`;
    const [fits, exceeds] = [charging([charge(budget, 60n)]), charging([charge(budget, 60n)])];
    proxy.cut('after', fits.requestId);
    const results = await Promise.all([open(state, fits), open(state, exceeds)]);
    expect(results.map(({ kind }) => kind)).toEqual(['opened', 'exceeded']);
    expect(await standing(budget)).toEqual({ used: 0n, reserved: 60n });
  });

  it('what was settled is settled once', async () => {
    const budget = `lost ${randomUUID()}`;
    const request = charging([charge(budget, 60n, 100n, 'signature')]);
    await open(state, request);
    proxy.cut('after', request.requestId);
    expect(await state.requests.advance(sampleSigned(request.requestId), null)).toEqual({ kind: 'advanced' });
    expect(await state.requests.advance(sampleSigned(request.requestId), null)).toEqual({ kind: 'stale' });
    expect(await standing(budget)).toEqual({ used: 60n, reserved: 0n });
  });
});

describe('a gateway of an older version beside', () => {
  it('settles what it moves on', async () => {
    const budget = `older ${randomUUID()}`;
    const request = charging([charge(budget, 60n)]);
    await open(state, request);
    const none = (count: number) => Array.from({ length: count }, () => []);
    const change = [
      [request.requestId],
      ['SIGNING'],
      ['FAILED'],
      [null],
      [false],
      ...Array.from({ length: 6 }, () => [null]),
      [false],
    ];
    const rest = Array.from({ length: 6 }, () => [null]);
    const values = [randomUUID(), ...none(18), ...change, ...rest, ...none(1), ...none(7), ...none(2)];
    const marks = values.map((_, index) => `$${index + 1}`).join(', ');
    const { rows } = await client.query(`SELECT commit_batch(${marks}) AS skipped`, values);
    expect(rows).toEqual([{ skipped: [] }]);
    expect(await standing(budget)).toEqual({ used: 0n, reserved: 0n });
  });
});
