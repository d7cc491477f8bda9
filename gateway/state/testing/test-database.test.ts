import { Client } from 'pg';
import { expect, it } from 'vitest';
import { createEmptyDatabase, createTestDatabase } from './test-database.ts';

it('gives each caller a database of its own', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  expect(first.url).not.toBe(second.url);
  await first.run("INSERT INTO wallets (wallet_id, address) VALUES ('treasury', 'somewhere')");
  expect(await numberIn(first.url, 'SELECT count(*)::int AS n FROM wallets')).toBe(1);
  expect(await numberIn(second.url, 'SELECT count(*)::int AS n FROM wallets')).toBe(0);
  await Promise.all([first.drop(), second.drop()]);
});

it('gives an empty one to who asks for it', async () => {
  const empty = await createEmptyDatabase();
  expect(await numberIn(empty.url, "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'")).toBe(0);
  await empty.drop();
});

async function numberIn(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows[0]?.n;
}
