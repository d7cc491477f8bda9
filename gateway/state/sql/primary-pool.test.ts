import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTcpProxy } from '../../../test/fakes/tcp-proxy.ts';
import { openState } from '../open-state.ts';
import { type CuttingProxy, startCuttingProxy } from '../testing/cutting-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { DEFAULT_DATABASE_LIMITS } from './connect.ts';
import { requireTarget } from './database-url.ts';
import { createPrimaryPool } from './primary-pool.ts';

let database: TestDatabase;
let proxy: CuttingProxy;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startCuttingProxy(Number(new URL(database.url).port));
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

// A client of pg that ends without anybody listening ends the process: then vitest tells of an unhandled error.
it.each(['before', 'after'] as const)(
  'a connection that ends while it is checked, %s its server saw that, is a store that is away',
  async (moment) => {
    const url = new URL(database.url);
    url.port = String(proxy.port);
    proxy.cut(moment, 'pg_is_in_recovery');
    const opening = openState({ databaseUrl: url.href, instanceId: 'test' });
    await expect(opening).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    const state = await openState({ databaseUrl: url.href, instanceId: 'test' });
    await state.ping();
    await state.close();
  },
);

// Whoever waited is gone when the check ends: the connection must not be lost to the pool, and may end like any other.
it('a connection whose check takes longer than somebody waits for it serves the next one', async () => {
  const slow = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(database.url).port) });
  const url = new URL(database.url);
  url.port = String(slow.port);
  const limits = { ...DEFAULT_DATABASE_LIMITS, poolSize: 1, connectTimeoutMs: 1_000 };
  const log = () => undefined;
  const pool = createPrimaryPool({ target: requireTarget(url.href), applicationName: 'test', limits, log });
  const first = await pool.connect();
  const waiting = pool.connect().then(
    () => 'connected',
    () => 'gave up',
  );
  // A login takes six ways, the check two more: somebody gives up between.
  slow.delay(100);
  setTimeout(() => first.release(true), 250);
  expect(await waiting).toBe('gave up');
  slow.mend();
  const second = await pool.connect();
  second.release();
  slow.cut();
  slow.mend();
  const third = await pool.connect();
  third.release();
  await pool.end();
  await slow.close();
});
