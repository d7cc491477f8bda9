import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTcpProxy } from '../../../test/fakes/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { DEFAULT_DATABASE_LIMITS } from './connect.ts';
import { type Database, openDatabase } from './database.ts';

const ONE = { name: 'one', text: 'SELECT 1 AS one' };

let store: TestDatabase;

beforeAll(async () => {
  store = await createTestDatabase();
});

afterAll(() => store.drop());

function opened(url: string): Database {
  const limits = { ...DEFAULT_DATABASE_LIMITS, poolSize: 2, connectTimeoutMs: 300 };
  return openDatabase({ url, applicationName: 'test', limits, log: () => undefined });
}

it('who waits in vain for a connection of a pool that is in use is told that, and by which setting there are more', async () => {
  const database = opened(store.url);
  const { promise: done, resolve: end } = Promise.withResolvers<void>();
  const { promise: bothHeld, resolve: held } = Promise.withResolvers<void>();
  let busy = 0;
  const hold = () =>
    database.transaction(async () => {
      busy += 1;
      if (busy === 2) held();
      await done;
    });
  const holding = [hold(), hold()];
  await bothHeld;
  await expect(database.query(ONE, [])).rejects.toMatchObject({
    reason: 'STORE_UNAVAILABLE',
    message:
      'all 2 connections to the database are busy, and none came free within 300 ms; try again. Where this lasts, raise database.pool_size (and max_connections of Postgres), or ask less at once',
    metadata: { cause: 'POOL_EXHAUSTED' },
    retryAfterMs: 1_000,
  });
  end();
  await Promise.all(holding);
  expect(await database.query(ONE, [])).toEqual([{ one: 1 }]);
  await database.end();
});

it('where the connections are only being made, and nobody answers, the database cannot be reached', async () => {
  const url = new URL(store.url);
  const silent = await startTcpProxy({ host: '127.0.0.1', port: Number(url.port) });
  silent.loseAnswers();
  url.port = String(silent.port);
  const database = opened(url.href);
  const calls = Array.from({ length: 6 }, () => database.query(ONE, []));
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ reason: { message: expect.stringContaining('the database cannot be reached') } });
  }
  await database.end();
  await silent.close();
});
