// The order in which budgets are locked: whoever waits for one holds those before it and none behind it, so that nobody waits in a circle.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let holder: pg.Client;
let locker: pg.Client;
let onlooker: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  [holder, locker, onlooker] = await Promise.all([connect(), connect(), connect()]);
});

afterEach(async () => {
  await holder.query('ROLLBACK');
  await locker.query('ROLLBACK');
});

afterAll(async () => {
  await Promise.all([holder.end(), locker.end(), onlooker.end()]);
  await database.drop();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // As commit_operations runs what it calls.
  await client.query('SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off');
  return client;
}

const NAMES = ['first', 'second', 'third', 'fourth'];

/** Four budgets whose rows lie in another order than their ids, and a request that holds something of each. */
async function fourBudgets() {
  const whose = randomUUID();
  const names = NAMES.map((name) => `${whose} ${name}`);
  const requestId = randomUUID();
  await onlooker.query('INSERT INTO budgets (name, reserved) SELECT n, 1 FROM unnest($1::text[]) AS n', [names]);
  for (const name of [names[2], names[0]]) {
    await onlooker.query("UPDATE budgets SET name = name || ' moved' WHERE name = $1", [name]);
    await onlooker.query("UPDATE budgets SET name = $1 WHERE name = $1 || ' moved'", [name]);
  }
  await onlooker.query(
    `INSERT INTO reservations SELECT $1, budget_id, 1, 'landing' FROM budgets WHERE name = ANY ($2) ORDER BY name`,
    [requestId, names],
  );
  return { names, requestId };
}

/** Of these, the ones that nobody has locked; in the order of their ids. */
async function free(names: readonly string[]): Promise<readonly string[]> {
  const text = 'SELECT name FROM budgets WHERE name = ANY ($1) FOR UPDATE SKIP LOCKED';
  const { rows } = await onlooker.query<{ name: string }>(text, [names]);
  return names.filter((name) => rows.some((row) => row.name === name));
}

it.each([
  ['charged', (names: readonly string[]) => [[...names].reverse(), [], []]],
  ['settled', (_: readonly string[], requestId: string) => [[], [requestId], ['FINALIZED']]],
  [
    'charged and settled',
    (names: readonly string[], requestId: string) => [[names[3], names[1]], [requestId], ['EXPIRED']],
  ],
])('budgets that are %s are locked in the order of their ids', async (_, ofCommit) => {
  const { names, requestId } = await fourBudgets();
  const { rows } = await locker.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await holder.query('BEGIN');
  await holder.query('SELECT FROM budgets WHERE name = $1 FOR UPDATE', [names[2]]);
  await locker.query('BEGIN');
  const locked = locker.query('SELECT lock_budgets($1, $2, $3)', ofCommit(names, requestId));
  await vi.waitFor(async () => {
    const waiting = "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'";
    expect((await onlooker.query(waiting, [rows[0]?.pid])).rowCount).toBe(1);
  });
  expect(await free(names)).toEqual([names[3]]);
  await holder.query('COMMIT');
  await locked;
  expect(await free(names)).toEqual([]);
});

it('a move that decides nothing locks nothing', async () => {
  const { names, requestId } = await fourBudgets();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM budgets WHERE name = ANY ($1) FOR UPDATE', [names]);
  await locker.query('SELECT lock_budgets($1, $2, $3)', [[], [requestId], ['SUBMITTED']]);
  await locker.query('SELECT lock_budgets($1, $1, $1)', [[]]);
  await holder.query('ROLLBACK');
  expect(await free(names)).toEqual(names);
});
