import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { startBarePostgres } from '../testing/bare-postgres.ts';
import { sampleEntry, sampleRequest } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { requireFit } from './connect.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

describe('a server that the record is not trusted to', () => {
  it('runs with fsync off', async () => {
    const server = await startBarePostgres(['fsync=off']);
    const opening = openState({ databaseUrl: server.url, instanceId: 'test' });
    await expect(opening).rejects.toThrow('the database runs with fsync=off and loses commits when it crashes');
    await expect(opening).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE', metadata: { cause: 'NOT_DURABLE' } });
    await server.remove();
  }, 30_000);

  it.each(['off', 'local', 'remote_write'])('answers commits as synchronous_commit=%s says', async (setting) => {
    const client = new pg.Client({ connectionString: database.url, options: `-c synchronous_commit=${setting}` });
    await client.connect();
    await expect(requireFit(client, { timeline: 0 })).rejects.toThrow('answers commits before they are durable');
    await client.end();
  });

  it('was told to be read-only, also while the gateway runs; it is used again when it is not', async () => {
    const state = await openState({ databaseUrl: database.url, instanceId: 'test' });
    const name = new URL(database.url).pathname.slice(1);
    await open(state);
    await database.run(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await endOthers();
    await expect(openLate(state)).rejects.toThrow('the database is read-only');
    await database.run(`BEGIN READ WRITE; ALTER DATABASE ${name} RESET default_transaction_read_only; COMMIT`);
    await open(state);
    await state.close();
  });
});

describe('a connection of the gateway', () => {
  it('gives up a lock that another holds too long', async () => {
    const limits = { statementTimeoutMs: 1_100, lockTimeoutMs: 900 };
    const state = await openState({ databaseUrl: database.url, instanceId: 'limits', limits });
    const admin = await connectAdmin();
    await admin.query('BEGIN; SELECT FROM audit_head FOR UPDATE');
    const started = performance.now();
    await expect(openLate(state)).rejects.toMatchObject({ metadata: { cause: '55P03' } });
    expect(performance.now() - started).toBeGreaterThan(850);
    await admin.query('ROLLBACK');
    await admin.end();
    await state.close();
  });

  it('that waits too long for another has written nothing, and works again when that is over', async () => {
    const limits = { statementTimeoutMs: 400, lockTimeoutMs: 60_000 };
    const state = await openState({ databaseUrl: database.url, instanceId: 'test', limits });
    const admin = await connectAdmin();
    await admin.query('BEGIN; SELECT FROM audit_head FOR UPDATE');
    const request = sampleRequest();
    const opening = state.requests.open(request, sampleEntry('request.signing', request.requestId));
    await expect(opening).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE', metadata: { cause: '57014' } });
    expect(await state.requests.find(request.requestId)).toBeNull();
    await admin.query('ROLLBACK');
    expect(await state.requests.find(request.requestId)).toBeNull();
    await open(state);
    await admin.end();
    await state.close();
  });
});

async function open(state: State): Promise<void> {
  expect(await openLate(state)).toEqual({ kind: 'opened' });
}

function openLate(state: State) {
  const request = sampleRequest();
  return state.requests.open(request, sampleEntry('request.signing', request.requestId));
}

async function connectAdmin(): Promise<pg.Client> {
  const admin = new pg.Client({ connectionString: database.url });
  admin.on('error', () => {});
  await admin.connect();
  return admin;
}

const OTHERS = "FROM pg_stat_activity WHERE application_name LIKE 'countersign %' AND datname = current_database()";

async function endOthers(): Promise<void> {
  const admin = await connectAdmin();
  await admin.query(`SELECT pg_terminate_backend(pid) ${OTHERS}`);
  await vi.waitFor(async () => expect((await admin.query(`SELECT ${OTHERS}`)).rowCount).toBe(0));
  await admin.end();
}
