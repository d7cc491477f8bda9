// The record behind PgBouncer in transaction mode, as docs/operating.md says to run it: fewer connections to Postgres than gateways hold.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type PgBouncer, startPgBouncer } from '../../test/fakes/pgbouncer.ts';
import { streamRecords } from '../audit/audit-stream.ts';
import { sha256 } from '../audit/testing/sample-chain.ts';
import { verifyChain } from '../audit/verify.ts';
import type { State } from './contract/state.ts';
import { openState } from './open-state.ts';
import { readMigrations } from './sql/migrate.ts';
import { type CuttingProxy, startCuttingProxy } from './testing/cutting-proxy.ts';
import { createOperator, sampleOperator } from './testing/sample-principals.ts';
import { sampleEntry, sampleRequest, sampleSigned } from './testing/sample-request.ts';
import { createEmptyDatabase, type TestDatabase } from './testing/test-database.ts';

const IGNORED = 'options,statement_timeout,lock_timeout,idle_in_transaction_session_timeout';
/** Connections to Postgres; two gateways hold up to 16 to PgBouncer. */
const POOL = 3;
const DOCUMENTED = [
  'pool_mode = transaction',
  'max_prepared_statements = 200',
  `ignore_startup_parameters = ${IGNORED}`,
  `default_pool_size = ${POOL}`,
];

let database: TestDatabase;
let bouncer: PgBouncer;
let proxy: CuttingProxy;
let states: readonly [State, State];
const opened: string[] = [];

beforeAll(async () => {
  database = await createEmptyDatabase();
  bouncer = await startPgBouncer(database.url, DOCUMENTED);
  proxy = await startCuttingProxy(bouncer.port);
  const cuttable = new URL(bouncer.url);
  cuttable.port = String(proxy.port);
  // Both find an empty database, and bring it up to date.
  const open = (databaseUrl: string, instanceId: string) => openState({ databaseUrl, instanceId });
  states = await Promise.all([open(bouncer.url, 'one'), open(cuttable.href, 'two')]);
});

afterAll(async () => {
  await Promise.all(states.map((state) => state.close()));
  await proxy.close();
  await bouncer.close();
  await database.drop();
});

function stateOf(turn: number): State {
  return turn % 2 === 0 ? states[0] : states[1];
}

function open(state: State, change: Parameters<typeof sampleRequest>[0] = {}) {
  const terms = { charges: [], excess: [], controls: state.controls.current().version };
  const request = sampleRequest({ terms, ...change });
  const entry = sampleEntry('request.signing', request.requestId);
  return { requestId: request.requestId, answer: state.requests.open(request, entry) };
}

/** Asked of Postgres itself. */
async function count(from: string, values: readonly unknown[] = []): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`, [...values]);
    return rows[0]?.n ?? 0;
  } finally {
    await client.end();
  }
}

async function chainLength(): Promise<bigint> {
  const head = await states[0].audit.head();
  const stream = streamRecords(states[0].audit, { after: 0n, stopAtHead: true, signal: new AbortController().signal });
  const verdict = await verifyChain(stream, sha256, head === null ? {} : { head });
  expect(verdict).toMatchObject({ kind: 'intact' });
  return head?.sequence ?? 0n;
}

describe('behind PgBouncer in transaction mode', () => {
  it('an empty database is brought up to date, by whichever gateway comes first', async () => {
    const version = (await readMigrations()).length;
    expect(await states[0].status.read()).toMatchObject({ schema: { found: version, known: version } });
  });

  it('two gateways open, sign and record in one chain, over fewer connections than they hold', async () => {
    const before = await chainLength();
    const asked = Array.from({ length: 400 }, (_, turn) => open(stateOf(turn)));
    for (const { answer } of asked) expect(await answer).toEqual({ kind: 'opened' });
    const some = asked.slice(0, 50);
    const reads = some.map(({ requestId }, turn) => stateOf(turn + 1).requests.find(requestId));
    expect((await Promise.all(reads)).every((found) => found?.state === 'SIGNING')).toBe(true);
    const advanced = asked.map(({ requestId }, turn) =>
      stateOf(turn + 1).requests.advance(sampleSigned(requestId), sampleEntry('request.signed', requestId)),
    );
    for (const answer of advanced) expect(await answer).toEqual({ kind: 'advanced' });
    expect(await chainLength()).toBe(before + 800n);
    opened.push(...asked.map(({ requestId }) => requestId));
    const sessions = 'pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    expect(await count(sessions)).toBeLessThanOrEqual(POOL);
  });

  it('a due request is handed to one worker', async () => {
    const due = Array.from({ length: 60 }, (_, turn) => open(stateOf(turn), { dueAt: 1 }));
    await Promise.all(due.map(({ answer }) => answer));
    const claims = await Promise.all(Array.from({ length: 20 }, (_, i) => stateOf(i).requests.claimDue(10, 3_600_000)));
    const ids = claims.flat().map(({ requestId }) => requestId);
    expect(ids.toSorted()).toEqual(due.map(({ requestId }) => requestId).toSorted());
  });

  it('a freeze is seen by the other gateway within a second, and refuses what it would record without knowing', async () => {
    await createOperator(states[0], sampleOperator('ann', { roles: ['admin'] }));
    const target = randomUUID();
    const asked = { freezeId: randomUUID(), scope: 'agent', target, reason: 'lost key', frozenBy: 'ann' } as const;
    const known = states[1].controls.current().version;
    await states[0].controls.freeze(asked, sampleEntry('freeze.set'));
    const terms = { charges: [], excess: [], controls: known };
    expect(await open(states[1], { terms }).answer).toEqual({ kind: 'controls_changed' });
    const isKnown = () => states[1].controls.current().freezes.some((found) => found.target === target);
    await vi.waitFor(() => expect(isKnown()).toBe(true), { timeout: 1_000, interval: 5 });
  });

  it('a commit whose answer was lost is found again', async () => {
    const before = await chainLength();
    const { requestId, answer } = open(states[1]);
    void proxy.cut('after', requestId);
    expect(await answer).toEqual({ kind: 'opened' });
    expect(await chainLength()).toBe(before + 1n);
  });

  it('a restart of PgBouncer in the middle of commits loses nothing that was answered, and both gateways go on by themselves', async () => {
    let settled = 0;
    const { promise: killed, resolve } = Promise.withResolvers<void>();
    const asked = Array.from({ length: 2_000 }, (_, turn) => open(stateOf(turn)));
    const answers = asked.map(async ({ requestId, answer }) => {
      const kind = await answer.then(
        (result) => result.kind,
        (error: { readonly reason: string }) => error.reason,
      );
      settled += 1;
      if (settled === 200) resolve(bouncer.kill());
      return { requestId, kind };
    });
    await killed;
    await expect(states[0].ping()).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    await bouncer.start();
    const outcomes = await Promise.all(answers);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['opened', 'STORE_UNAVAILABLE']));
    for (const state of states) {
      await vi.waitFor(async () => expect(await open(state).answer).toEqual({ kind: 'opened' }), { timeout: 10_000 });
    }
    opened.push(...outcomes.flatMap(({ requestId, kind }) => (kind === 'opened' ? [requestId] : [])));
    expect(await count('requests WHERE request_id = ANY ($1)', [opened])).toBe(opened.length);
    await chainLength();
  });
});

describe('a PgBouncer that is set up otherwise than documented', () => {
  /** Looks often at once, so that each connection of the gateway is served by several of PgBouncer's. */
  async function openBehind(settings: readonly string[]): Promise<void> {
    const other = await startPgBouncer(database.url, settings);
    try {
      const state = await openState({ databaseUrl: other.url, instanceId: 'other' });
      await Promise.all(Array.from({ length: 100 }, () => state.requests.find('none'))).finally(() => state.close());
    } finally {
      await other.close();
    }
  }

  it('that does not pass over the settings of a session is refused', async () => {
    const strict = ['pool_mode = transaction', 'max_prepared_statements = 200'];
    await expect(openBehind(strict)).rejects.toThrow('or ignore_startup_parameters lacks a setting');
  });

  it('that keeps no prepared statements apart is refused', async () => {
    const forgetful = DOCUMENTED.map((line) => line.replace('_statements = 200', '_statements = 0'));
    await expect(openBehind(forgetful)).rejects.toThrow('with max_prepared_statements above 0');
  });

  it('and a user whose commits are answered before they are durable, too', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const set = (what: string) => database.run(`ALTER ROLE CURRENT_USER IN DATABASE ${name} ${what}`);
    await set("SET synchronous_commit = 'off'");
    await expect(openBehind(DOCUMENTED)).rejects.toThrow('set synchronous_commit=on for its user');
    await set('RESET synchronous_commit');
    await openBehind(DOCUMENTED);
  });
});
