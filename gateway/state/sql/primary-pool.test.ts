import { afterAll, beforeAll, expect, it } from 'vitest';
import { openState } from '../open-state.ts';
import { type CuttingProxy, startCuttingProxy } from '../testing/cutting-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

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
