import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { type CuttingProxy, startCuttingProxy } from '../testing/cutting-proxy.ts';
import { sampleOperator } from '../testing/sample-principals.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let proxy: CuttingProxy;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  const url = new URL(database.url);
  proxy = await startCuttingProxy(Number(url.port));
  url.port = String(proxy.port);
  state = await openState({ databaseUrl: url.href, instanceId: 'test' });
});

afterAll(async () => {
  await state.close();
  await proxy.close();
  await database.drop();
});

async function length(): Promise<bigint> {
  return (await state.audit.head())?.sequence ?? 0n;
}

describe('when the answer to a commit is lost', () => {
  it('an open that was committed counts as opened, and is not repeated', async () => {
    const before = await length();
    const request = sampleRequest({}, { idempotencyKey: 'lost answer' });
    void proxy.cut('after', request.requestId);
    expect(await state.requests.open(request, sampleEntry('request.signing', request.requestId))).toEqual({
      kind: 'opened',
    });
    expect(await length()).toBe(before + 1n);
  });

  it('an advance that was committed counts as advanced, and a stale one beside it as stale', async () => {
    const [good, stale] = [sampleRequest(), sampleRequest({ state: 'DENIED' })];
    for (const each of [good, stale]) await state.requests.open(each, sampleEntry('request.signing', each.requestId));
    const before = await length();
    void proxy.cut('after', good.requestId);
    const results = await Promise.all(
      [good, stale].map(({ requestId }) =>
        state.requests.advance(sampleSigned(requestId), sampleEntry('request.signed', requestId)),
      ),
    );
    expect(results).toEqual([{ kind: 'advanced' }, { kind: 'stale' }]);
    expect(await length()).toBe(before + 1n);
  });

  it('what never reached Postgres is reported, not written, and not repeated', async () => {
    const before = await length();
    const request = sampleRequest();
    void proxy.cut('before', request.requestId);
    await expect(state.requests.open(request, sampleEntry('request.signing', request.requestId))).rejects.toMatchObject(
      { reason: 'STORE_UNAVAILABLE' },
    );
    expect(await state.requests.find(request.requestId)).toBeNull();
    expect(await length()).toBe(before);
  });
});

it('a transaction whose connection is ended in its middle writes nothing, and the next one works', async () => {
  const [holder, admin] = await Promise.all([connect(), connect()]);
  await holder.query('BEGIN; SELECT FROM audit_head FOR UPDATE');
  const create = () => state.principals.create(sampleOperator('olga'), sampleEntry('principal.created'));
  const created = expect(create()).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  // By a connection of its own: within a transaction every look sees the activity of the first.
  await vi.waitFor(
    async () => {
      const { rowCount } = await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      expect(rowCount).toBe(1);
    },
    { timeout: 20_000 },
  );
  await created;
  await holder.query('ROLLBACK');
  await Promise.all([holder.end(), admin.end()]);
  expect(await state.principals.list()).toEqual([]);
  expect(await create()).toMatchObject({ principal: { id: 'olga' } });
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  return client;
}
