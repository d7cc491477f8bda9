import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { streamRecords } from '../audit/audit-stream.ts';
import { sha256 } from '../audit/testing/sample-chain.ts';
import { verifyChain } from '../audit/verify.ts';
import { bodyOf } from './commit/body-of.ts';
import type { State } from './contract/state.ts';
import { openState } from './open-state.ts';
import { migrate, readMigrations } from './sql/migrate.ts';
import { sampleEntry, sampleRequest, sampleSigned } from './testing/sample-request.ts';
import { createEmptyDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(() => database.drop());

const none = (count: number) => Array.from({ length: count }, () => []);
const nulls = (count: number) => Array.from({ length: count }, () => [null]);

/** A gateway of migration 4: it commits by the function of migrations/0002, with its parameters in their order. */
async function olderGateway() {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  async function commit(operation: readonly unknown[], requestId: string, body: Uint8Array): Promise<unknown> {
    const values = [randomUUID(), ...operation, [requestId], [Buffer.from(body)]];
    const text = `SELECT commit_batch(${values.map((_, index) => `$${index + 1}`).join(', ')}) AS skipped`;
    const { rows } = await client.query<{ skipped: unknown }>({ name: 'commit_batch', text, values });
    return rows[0]?.skipped;
  }
  return {
    open(requestId: string): Promise<unknown> {
      const decision = JSON.stringify({ decision_id: randomUUID(), verdict: { kind: 'allow', reasons: [] } });
      const about = [
        [requestId],
        ['agent-1'],
        [null],
        ['treasury'],
        ['sign'],
        ['SIGNING'],
        [null],
        [false],
        ['3'],
        [null],
      ];
      const digests = Array.from({ length: 3 }, () => [Buffer.alloc(32, requestId)]);
      const documents = Array.from({ length: 3 }, () => [Buffer.from('document')]);
      const open = [...about, ...digests, ['{}'], [decision], ...documents];
      const body = bodyOf(sampleEntry('request.signing', requestId));
      return commit([...open, ...none(18), ...none(8)], requestId, body);
    },
    sign(requestId: string): Promise<unknown> {
      const { walletSignature, signedTransaction } = sampleSigned(requestId);
      const moved = [
        [requestId],
        ['SIGNING'],
        ['SIGNED'],
        [null],
        [false],
        ...nulls(2),
        [walletSignature],
        ...nulls(2),
      ];
      const change = [...moved, [Buffer.from(signedTransaction ?? [])], [false], ...nulls(6)];
      const body = bodyOf(sampleEntry('request.signed', requestId));
      return commit([...none(18), ...change, ...none(8)], requestId, body);
    },
    end: () => client.end(),
  };
}

async function chainLength(state: State): Promise<bigint> {
  const head = await state.audit.head();
  const stream = streamRecords(state.audit, { after: 0n, stopAtHead: true, signal: new AbortController().signal });
  const verdict = await verifyChain(stream, sha256, head === null ? {} : { head });
  expect(verdict).toMatchObject({ kind: 'intact' });
  return verdict.kind === 'intact' ? verdict.count : 0n;
}

it('a gateway of an older version opens and signs while a newer one migrates, and beside it afterwards', async () => {
  const all = await readMigrations();
  await migrate(database.url, all.slice(0, 4));
  const older = await Promise.all([olderGateway(), olderGateway()]);
  const signed: string[] = [];
  let isMigrated = false;
  const working = older.map(async (gateway) => {
    for (let after = 0; after < 20; after += isMigrated ? 1 : 0) {
      const requestId = randomUUID();
      expect(await gateway.open(requestId)).toEqual([]);
      expect(await gateway.sign(requestId)).toEqual([]);
      expect(await gateway.sign(requestId)).toEqual([requestId]);
      signed.push(requestId);
    }
  });
  const before = signed.length;
  const state = await openState({ databaseUrl: database.url, instanceId: 'newer' });
  isMigrated = true;
  const own = Array.from({ length: 50 }, () => sampleRequest());
  for (const request of own) {
    expect(await state.requests.open(request, sampleEntry('request.signing', request.requestId))).toEqual({
      kind: 'opened',
    });
  }
  await Promise.all(working);
  expect(signed.length).toBeGreaterThanOrEqual(before + 40);
  expect(await chainLength(state)).toBe(BigInt(2 * signed.length + own.length));
  const { rows } = await query("SELECT request_id FROM requests WHERE state = 'SIGNED'");
  expect(rows.map((row) => row.request_id).sort()).toEqual(signed.sort());
  await Promise.all(older.map((gateway) => gateway.end()));
  await state.close();
});

it('of gateways that start at once on an empty database, one migrates, and all serve', async () => {
  const starting = Array.from({ length: 3 }, (_, n) => openState({ databaseUrl: database.url, instanceId: `n${n}` }));
  const states = await Promise.all(starting);
  const request = sampleRequest();
  for (const state of states) await state.audit.append(sampleEntry('gateway.started', request.requestId));
  expect(await chainLength(states[0] as State)).toBe(3n);
  const { rows } = await query('SELECT version FROM schema_migrations ORDER BY version');
  expect(rows.map((row) => row.version)).toEqual((await readMigrations()).map(({ version }) => version));
  for (const state of states) await state.close();
});

async function query(sql: string) {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(sql);
  } finally {
    await client.end();
  }
}
