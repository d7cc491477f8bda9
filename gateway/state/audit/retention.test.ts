import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamRecords } from '../../audit/audit-stream.ts';
import { sha256 } from '../../audit/testing/sample-chain.ts';
import { verifyChain } from '../../audit/verify.ts';
import type { NewRequest } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleApproval, sampleEntry, sampleRequest } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await state.close();
  await database.drop();
});

async function append(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await state.audit.append(sampleEntry('gateway.started'));
}

async function positionOf(sequence: bigint) {
  const record = await state.audit.get(sequence);
  if (record === null) throw new Error(`there is no record ${sequence}`);
  return { sequence, hash: record.hash };
}

const prune = (sequence: bigint, hash: Uint8Array) =>
  state.audit.prune({ sequence, hash, by: 'olga' }, sampleEntry('audit.pruned'));

const stream = (after: bigint) =>
  streamRecords(state.audit, { after, stopAtHead: true, signal: new AbortController().signal });

describe('the audit chain', () => {
  it('is whole from its anchor on, before, while and after the records before it are deleted', async () => {
    await append(10);
    const anchor = await positionOf(6n);
    expect(await state.audit.anchor()).toBeNull();
    expect(await prune(anchor.sequence, anchor.hash)).toEqual({ kind: 'pruned' });
    expect(await state.audit.anchor()).toEqual(anchor);
    const head = await state.audit.head();
    expect(head?.sequence).toBe(11n);
    const verdict = () => verifyChain(stream(6n), sha256, { after: anchor, head: head ?? anchor });
    for (const deleted of [4, 2, 0]) {
      expect(await verdict()).toMatchObject({ kind: 'intact', count: 5n });
      expect(await state.retention.deletePrunedAudit(4)).toBe(deleted);
    }
    expect(await verdict()).toMatchObject({ kind: 'intact', count: 5n });
    await expect(verifyChain(stream(0n), sha256)).rejects.toMatchObject({
      reason: 'AUDIT_RECORDS_PRUNED',
      metadata: { through_sequence: '6' },
    });
    await append(1);
    expect((await state.audit.head())?.sequence).toBe(12n);
  });

  it('gets no anchor that is not one of its records, or that lies before the last', async () => {
    await append(5);
    const [third, second] = [await positionOf(3n), await positionOf(2n)];
    expect(await prune(3n, second.hash)).toEqual({ kind: 'other_hash' });
    expect(await prune(6n, third.hash)).toEqual({ kind: 'not_found' });
    expect(await prune(2n ** 64n - 1n, third.hash)).toEqual({ kind: 'not_found' });
    expect(await prune(3n, third.hash)).toEqual({ kind: 'pruned' });
    expect(await prune(3n, third.hash)).toEqual({ kind: 'pruned_before', anchor: third });
    expect(await prune(2n, second.hash)).toEqual({ kind: 'pruned_before', anchor: third });
    expect((await state.audit.head())?.sequence).toBe(6n);
  });

  it('that is pruned twice at once is pruned once', async () => {
    await append(5);
    const third = await positionOf(3n);
    const results = await Promise.all(Array.from({ length: 4 }, () => prune(3n, third.hash)));
    expect(results.map(({ kind }) => kind).sort()).toEqual([
      'pruned',
      'pruned_before',
      'pruned_before',
      'pruned_before',
    ]);
    expect((await state.audit.head())?.sequence).toBe(6n);
  });
});

describe('the database itself', () => {
  it.each([
    ['DELETE FROM audit_records WHERE sequence = 4', 'append-only'],
    ['DELETE FROM audit_records WHERE sequence IN (1, 4)', 'append-only'],
    ['DELETE FROM audit_records', 'append-only'],
    ['UPDATE audit_records SET body = body WHERE sequence = 1', 'append-only'],
    ['TRUNCATE audit_records', 'append-only'],
    ['UPDATE audit_anchors SET sequence = 5', 'append-only'],
    ['DELETE FROM audit_anchors', 'append-only'],
    ['TRUNCATE audit_anchors', 'append-only'],
    ["INSERT INTO audit_anchors VALUES (5, sha256('x'), 'me')", 'must be a record of the chain'],
    ["INSERT INTO audit_anchors SELECT sequence, hash, 'me' FROM audit_records WHERE sequence = 2", 'must lie behind'],
  ])('refuses %s when the chain was pruned to 3', async (sql, message) => {
    await append(5);
    await prune(3n, (await positionOf(3n)).hash);
    await expect(client.query(sql)).rejects.toThrow(message);
    expect((await client.query('DELETE FROM audit_records WHERE sequence = 3')).rowCount).toBe(1);
  });
});

const DAY_MS = 24 * 3600 * 1000;

/** An id as those of requests that came in so long ago. */
function idOfAge(ageMs: number): string {
  const time = Math.trunc(Date.now() - ageMs)
    .toString(16)
    .padStart(12, '0');
  const rest = randomBytes(8).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(4)}`;
}

async function openAged(ageMs: number, requestState: string, change: Partial<NewRequest> = {}): Promise<string> {
  const request = sampleRequest({ requestId: idOfAge(ageMs), ...change });
  await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  const time = Date.now() - ageMs;
  await client.query('UPDATE requests SET state = $2, created_at_ms = $3, updated_at_ms = $3 WHERE request_id = $1', [
    request.requestId,
    requestState,
    time,
  ]);
  return request.requestId;
}

describe('requests', () => {
  it('go when they are old and nothing can move them any more; all others stay', async () => {
    const old = 3 * DAY_MS;
    const gone: string[] = [];
    for (const final of ['DENIED', 'SIGNING_FAILED', 'FINALIZED', 'FAILED', 'EXPIRED'])
      gone.push(await openAged(old, final));
    const message = sampleRequest({}, { method: 'sign_message' });
    gone.push(await openAged(old, 'SIGNED', { ask: message.ask }));
    const kept: string[] = [];
    const open = ['AWAITING_APPROVAL', 'SIGNING', 'SIGNED', 'SUBMITTED', 'CONFIRMED', 'INDETERMINATE'];
    for (const each of open) kept.push(await openAged(old, each));
    for (const final of ['DENIED', 'FINALIZED']) kept.push(await openAged(DAY_MS, final));
    const late = await openAged(old, 'FINALIZED');
    await client.query('UPDATE requests SET updated_at_ms = clock_ms() WHERE request_id = $1', [late]);
    kept.push(late);
    const reserving = await openAged(old, 'FINALIZED');
    await client.query("INSERT INTO budgets (name) VALUES ('b')");
    const reservation =
      'INSERT INTO reservations (request_id, budget_id, amount, settlement) SELECT $1, budget_id, 1, $2 FROM budgets';
    await client.query(reservation, [reserving, 'landing']);
    kept.push(reserving);
    expect(await state.retention.deleteRequests(2 * DAY_MS, 4)).toBe(4);
    expect(await state.retention.deleteRequests(2 * DAY_MS, 4)).toBe(2);
    expect(await state.retention.deleteRequests(2 * DAY_MS, 4)).toBe(0);
    const { rows } = await client.query<{ request_id: string }>('SELECT request_id FROM requests');
    expect(rows.map((row) => row.request_id).sort()).toEqual(kept.sort());
    expect(gone.length).toBe(6);
  });

  it('take their approvals and votes with them', async () => {
    const approval = sampleApproval();
    const asking = { state: 'AWAITING_APPROVAL' as const, approval, terms: null };
    const requestId = await openAged(3 * DAY_MS, 'DENIED', asking);
    await client.query(
      "INSERT INTO principals (principal_id, kind, roles, groups) VALUES ('ann', 'operator', '{}', '{}')",
    );
    await client.query(
      "INSERT INTO votes (approval_id, approver_id, approve, comment, time_ms) VALUES ($1, 'ann', true, '', 1)",
      [approval.approvalId],
    );
    await client.query("INSERT INTO vote_withdrawals (approval_id, approver_id, time_ms) VALUES ($1, 'ann', 1)", [
      approval.approvalId,
    ]);
    expect(await state.retention.deleteRequests(DAY_MS, 100)).toBe(1);
    expect(await state.requests.find(requestId)).toBeNull();
    expect(await state.approvals.find(approval.approvalId)).toBeNull();
  });

  it('are deleted by one gateway at a time, which waits for nobody', async () => {
    await openAged(3 * DAY_MS, 'DENIED');
    await client.query('BEGIN; SELECT retains_alone()');
    expect(await state.retention.deleteRequests(DAY_MS, 100)).toBe(0);
    expect(await state.retention.deletePrunedAudit(100)).toBe(0);
    await client.query('ROLLBACK');
    expect(await state.retention.deleteRequests(DAY_MS, 100)).toBe(1);
  });
});
