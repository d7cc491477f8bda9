import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { streamRecords } from '../../audit/audit-stream.ts';
import { sha256 } from '../../audit/testing/sample-chain.ts';
import { verifyChain } from '../../audit/verify.ts';
import type { AuditRecord } from '../../core/audit/audit-record.ts';
import type { AuditStore } from '../contract/audit-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleEntry } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;
let intruder: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  for (let i = 0; i < 12; i++) await state.audit.append(sampleEntry('request.denied', `r-${i}`));
  intruder = new pg.Client({ connectionString: database.url });
  intruder.on('error', () => {});
  await intruder.connect();
});

afterAll(async () => {
  await intruder.end();
  await state.close();
  await database.drop();
});

describe('the database itself', () => {
  it.each([
    "UPDATE audit_records SET body = 'x' WHERE sequence = 3",
    'UPDATE audit_records SET body = body WHERE false',
    'DELETE FROM audit_records WHERE sequence = 3',
    'TRUNCATE audit_records',
    'TRUNCATE audit_records CASCADE',
  ])('refuses %s', async (sql) => {
    await expect(intruder.query(sql)).rejects.toThrow('append-only');
  });
});

describe('whoever switches that off and', () => {
  beforeEach(() => intruder.query("BEGIN; SET LOCAL session_replication_role = 'replica'"));
  afterEach(() => intruder.query('ROLLBACK'));

  /** The chain as the intruder's transaction shows it. */
  async function* tampered(): AsyncGenerator<AuditRecord> {
    const { rows } = await intruder.query<{ sequence: string; previous_hash: Buffer; hash: Buffer; body: Buffer }>(
      'SELECT sequence, previous_hash, hash, body FROM audit_records ORDER BY sequence',
    );
    for (const row of rows) {
      yield {
        sequence: BigInt(row.sequence),
        previousHash: new Uint8Array(row.previous_hash),
        hash: new Uint8Array(row.hash),
        body: new Uint8Array(row.body),
      };
    }
  }

  it.each([
    [
      'edits a body',
      "UPDATE audit_records SET body = replace(convert_from(body, 'UTF8'), 'agent-1', 'agent-2')::bytea WHERE sequence = 5",
      5n,
    ],
    ['edits a hash', 'UPDATE audit_records SET hash = sha256(hash) WHERE sequence = 5', 5n],
    [
      'edits a body and its hash',
      "UPDATE audit_records SET body = 'x', hash = sha256('\\x636f756e7465727369676e2e61756469742e763100'::bytea || previous_hash || int8send(sequence) || 'x'::bytea) WHERE sequence = 5",
      6n,
    ],
    ['removes a record', 'DELETE FROM audit_records WHERE sequence = 5', 5n],
    ['removes the first', 'DELETE FROM audit_records WHERE sequence = 1', 1n],
    [
      'removes one and closes the gap',
      'DELETE FROM audit_records WHERE sequence = 5; UPDATE audit_records SET sequence = -sequence WHERE sequence > 5; UPDATE audit_records SET sequence = -sequence - 1 WHERE sequence < 0',
      5n,
    ],
    [
      'lets two change places',
      'UPDATE audit_records SET sequence = CASE sequence WHEN 5 THEN -6 ELSE -5 END WHERE sequence IN (5, 6); UPDATE audit_records SET sequence = -sequence WHERE sequence < 0',
      5n,
    ],
    [
      'inserts one after the head',
      "INSERT INTO audit_records SELECT sequence + 1, hash, hash, 'x' FROM audit_records ORDER BY sequence DESC LIMIT 1",
      13n,
    ],
    ['cuts off the tail', 'DELETE FROM audit_records WHERE sequence > 9', 10n],
    ['empties the chain', 'DELETE FROM audit_records', 1n],
  ])('%s is found, and the place is named', async (_, sql, sequence) => {
    const head = await state.audit.head();
    if (head === null) throw new Error('the chain is empty');
    expect(await verifyChain(tampered(), sha256, { head })).toMatchObject({ kind: 'intact' });
    await intruder.query(sql);
    expect(await verifyChain(tampered(), sha256, { head })).toMatchObject({ kind: 'broken', sequence });
  });
});

it('a stream over a chain with a hole fails at the hole', async () => {
  await intruder.query("SET session_replication_role = 'replica'");
  await intruder.query('DELETE FROM audit_records WHERE sequence = 4');
  const stream = streamRecords(state.audit satisfies AuditStore, {
    after: 0n,
    stopAtHead: true,
    signal: new AbortController().signal,
  });
  await expect(verifyChain(stream, sha256)).rejects.toThrow('audit record 4 is missing');
});
