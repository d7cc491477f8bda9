import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamRecords } from '../../audit/audit-stream.ts';
import { sha256 } from '../../audit/testing/sample-chain.ts';
import { verifyChain } from '../../audit/verify.ts';
import type { NewRequest, RequestRecord } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import {
  SAMPLE_CUSTODY,
  SAMPLE_TERMS,
  sampleApproval,
  sampleEntry,
  sampleJudgement,
  sampleRequest,
  sampleSigned,
} from '../testing/sample-request.ts';
import { approve, createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;
const batches: number[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({
    databaseUrl: database.url,
    instanceId: 'test',
    observeCommit: (size) => batches.push(size),
  });
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

function open(request: NewRequest) {
  return state.requests.open(request, sampleEntry('request.signing', request.requestId));
}

async function opened(request: NewRequest = sampleRequest()): Promise<NewRequest> {
  expect(await open(request)).toEqual({ kind: 'opened' });
  return request;
}

async function found(requestId: string): Promise<RequestRecord> {
  const record = await state.requests.find(requestId);
  if (record === null) throw new Error(`request ${requestId} is not in the record`);
  return record;
}

async function length(): Promise<bigint> {
  return (await state.audit.head())?.sequence ?? 0n;
}

describe('open', () => {
  it('keeps every value exactly', async () => {
    const context = { purpose: 'naïve 🔑', empty: '', 'nul\0': '\ud800 and \0' };
    const request = await opened(
      sampleRequest(
        {
          dueAt: 1_790_000_000_123,
          judgement: sampleJudgement({ lastValidBlockHeight: 2n ** 64n - 1n, policyInput: new Uint8Array() }),
        },
        { method: 'sign_and_send', setFreshBlockhash: true, idempotencyKey: 'key-é', context },
      ),
    );
    const record = await found(request.requestId);
    const { createdAt, updatedAt } = record;
    expect(record).toEqual({
      requestId: request.requestId,
      ask: request.ask,
      askDigest: request.askDigest,
      judgement: request.judgement,
      state: 'SIGNING',
      custody: SAMPLE_CUSTODY,
      approvalId: null,
      signedTransaction: null,
      walletSignature: null,
      transactionSignature: null,
      slot: null,
      error: null,
      isDue: true,
      createdAt,
      updatedAt,
    });
    expect(Math.abs(createdAt - Date.now())).toBeLessThan(60_000);
    expect(updatedAt).toBe(createdAt);
  });

  it('commits its audit record with it', async () => {
    const before = await length();
    const request = await opened();
    const [record] = await state.audit.readAfter(before, 10);
    expect(JSON.parse(Buffer.from(record?.body ?? []).toString())).toMatchObject({
      kind: 'request.signing',
      request_id: request.requestId,
    });
  });

  it('answers an idempotency key that the agent used before with the first request, and records nothing', async () => {
    const first = await opened(sampleRequest({}, { idempotencyKey: 'once' }));
    const before = await length();
    const again = await open(sampleRequest({}, { idempotencyKey: 'once' }));
    expect(again).toMatchObject({ kind: 'exists', request: { requestId: first.requestId } });
    expect(await length()).toBe(before);
  });

  it('lets another agent use the same key', async () => {
    await opened(sampleRequest({}, { idempotencyKey: 'shared' }));
    await opened(sampleRequest({}, { idempotencyKey: 'shared', agentId: 'agent-2' }));
  });

  it('opens exactly one of many requests that use one key at the same time', async () => {
    const before = await length();
    const results = await Promise.all(
      Array.from({ length: 50 }, () => open(sampleRequest({}, { idempotencyKey: 'race' }))),
    );
    expect(results.filter((result) => result.kind === 'opened')).toHaveLength(1);
    const ids = results.flatMap((result) => (result.kind === 'exists' ? [result.request.requestId] : []));
    expect(new Set(ids).size).toBe(1);
    expect(await length()).toBe(before + 1n);
  });

  it('refuses a request id that exists', async () => {
    const { requestId } = await opened();
    await expect(open(sampleRequest({ requestId }))).rejects.toMatchObject({ reason: 'INTERNAL' });
  });

  it('refuses an approval without the state for it, and the state without one', async () => {
    await expect(open(sampleRequest({ approval: sampleApproval() }))).rejects.toMatchObject({ reason: 'INTERNAL' });
    await expect(open(sampleRequest({ state: 'AWAITING_APPROVAL' }))).rejects.toMatchObject({ reason: 'INTERNAL' });
  });

  it('writes many in few commits', async () => {
    batches.length = 0;
    await Promise.all(Array.from({ length: 600 }, () => opened()));
    expect(batches.length).toBeLessThanOrEqual(4);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(600);
  });
});

describe('a value that Postgres refuses', () => {
  it('fails alone, and its whole batch is written', async () => {
    const before = await length();
    const requests = Array.from({ length: 40 }, (_, i) =>
      i % 13 === 5 ? sampleRequest({}, { idempotencyKey: 'nul \0' }) : sampleRequest(),
    );
    const results = await Promise.allSettled(requests.map(open));
    for (const [i, result] of results.entries()) {
      if (i % 13 === 5) expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'INVALID_FIELD' } });
      else expect(result).toEqual({ status: 'fulfilled', value: { kind: 'opened' } });
    }
    expect(await length()).toBe(before + 37n);
  });

  it.each([
    ['a time that is no whole number', sampleRequest({ dueAt: 0.5 })],
    [
      'a block height beyond 20 digits',
      sampleRequest({ judgement: sampleJudgement({ lastValidBlockHeight: 10n ** 20n }) }),
    ],
    ['a key that no index takes', sampleRequest({}, { idempotencyKey: randomBytes(20_000).toString('base64') })],
  ])('is reported to its caller only: %s', async (_, request) => {
    const [bad, good] = await Promise.allSettled([open(request), open(sampleRequest())]);
    expect(bad.status).toBe('rejected');
    expect(good.status).toBe('fulfilled');
  });

  it('never shows in the error', async () => {
    const failure = open(sampleRequest({}, { idempotencyKey: 'hush \0' })).catch((error: unknown) => error);
    expect(JSON.stringify(await failure, Object.getOwnPropertyNames(Error.prototype))).not.toContain('hush');
    expect(String(await failure)).not.toContain('hush');
    expect(await failure).not.toHaveProperty('cause');
  });

  it('is refused before the commit when the audit entry has no canonical form', async () => {
    const entry = { ...sampleEntry('request.signing'), facts: { memo: '\ud800' } };
    await expect(state.requests.open(sampleRequest(), entry)).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  });
});

describe('advance', () => {
  it('moves a request and keeps what it does not name', async () => {
    const request = await opened(sampleRequest({ dueAt: 5 }));
    const change = sampleSigned(request.requestId);
    expect(await state.requests.advance(change, sampleEntry('request.signed', request.requestId))).toEqual({
      kind: 'advanced',
    });
    const submitted = { requestId: request.requestId, from: 'SIGNED', to: 'SUBMITTED', dueAt: null } as const;
    await state.requests.advance({ ...submitted, slot: 2n ** 63n, error: 'nul \0' }, null);
    const record = await found(request.requestId);
    expect(record).toMatchObject({
      state: 'SUBMITTED',
      slot: 2n ** 63n,
      error: 'nul \ufffd',
      signedTransaction: change.signedTransaction,
      walletSignature: change.walletSignature,
      judgement: request.judgement,
      ask: request.ask,
    });
    expect(record.updatedAt).toBeGreaterThanOrEqual(record.createdAt);
    await state.requests.advance({ ...submitted, from: 'SUBMITTED', slot: null }, null);
    expect((await found(request.requestId)).slot).toBeNull();
  });

  it('replaces the whole judgement, also a block height by none', async () => {
    const approval = sampleApproval();
    const request = await opened(sampleRequest({ state: 'AWAITING_APPROVAL', approval }));
    await approve(database, approval);
    const judgement = sampleJudgement({ lastValidBlockHeight: null });
    const change = { requestId: request.requestId, from: 'AWAITING_APPROVAL', to: 'SIGNING', dueAt: null } as const;
    await state.requests.advance({ ...change, judgement, terms: SAMPLE_TERMS, custody: SAMPLE_CUSTODY }, null);
    expect((await found(request.requestId)).judgement).toEqual(judgement);
  });

  it('is stale, and records nothing, when the request was moved before or does not exist', async () => {
    const { requestId } = await opened();
    await state.requests.advance(sampleSigned(requestId), sampleEntry('request.signed', requestId));
    const [before, record] = [await length(), await found(requestId)];
    expect(await state.requests.advance(sampleSigned(requestId), sampleEntry('request.signed', requestId))).toEqual({
      kind: 'stale',
    });
    const unknown = randomUUID();
    expect(await state.requests.advance(sampleSigned(unknown), sampleEntry('request.signed', unknown))).toEqual({
      kind: 'stale',
    });
    expect(await length()).toBe(before);
    expect(await found(requestId)).toEqual(record);
  });

  it('lets exactly one of many win', async () => {
    const { requestId } = await opened();
    const before = await length();
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        state.requests.advance(sampleSigned(requestId), sampleEntry('request.signed', requestId)),
      ),
    );
    expect(results.filter((result) => result.kind === 'advanced')).toHaveLength(1);
    expect(await length()).toBe(before + 1n);
  });

  it('writes stale and good ones of a batch apart, with the records of the good ones in order', async () => {
    const good = await Promise.all(Array.from({ length: 10 }, () => opened()));
    const before = await length();
    await Promise.all(
      good.flatMap(({ requestId }) =>
        [requestId, randomUUID()].map((id) =>
          state.requests.advance(sampleSigned(id), sampleEntry('request.signed', id)),
        ),
      ),
    );
    const records = await state.audit.readAfter(before, 100);
    const ids = records.map((record) => JSON.parse(Buffer.from(record.body).toString()).request_id);
    expect(ids).toEqual(good.map(({ requestId }) => requestId));
  });
});

describe('claimDue', () => {
  it('hands out what is due, oldest first by the limit, and again only after the lease', async () => {
    await state.requests.claimDue(1000, 3_600_000);
    const late = await opened(sampleRequest({ dueAt: 2_000 }));
    const latest = await opened(sampleRequest({ dueAt: 1_000 }));
    await opened(sampleRequest({ dueAt: Date.now() + 3_600_000 }));
    await opened(sampleRequest({ dueAt: null }));
    const ids = async (limit: number, leaseMs: number) =>
      (await state.requests.claimDue(limit, leaseMs)).map((request) => request.requestId);
    expect(await ids(1, 3_600_000)).toEqual([latest.requestId]);
    expect(await ids(10, 0)).toEqual([late.requestId]);
    expect(await ids(10, 3_600_000)).toEqual([late.requestId]);
    expect(await ids(10, 3_600_000)).toEqual([]);
  });

  it('hands out what became due last first, where that is asked for', async () => {
    await state.requests.claimDue(1000, 3_600_000);
    const first = await opened(sampleRequest({ dueAt: 1_000 }));
    const last = await opened(sampleRequest({ dueAt: 2_000 }));
    await opened(sampleRequest({ dueAt: Date.now() + 3_600_000 }));
    const newest = async () =>
      (await state.requests.claimDue(1, 3_600_000, 'newest')).map(({ requestId }) => requestId);
    expect([await newest(), await newest(), await newest()]).toEqual([[last.requestId], [first.requestId], []]);
  });

  it('does not change what the request says', async () => {
    const { requestId } = await opened(sampleRequest({ dueAt: 1 }));
    const before = await found(requestId);
    await state.requests.claimDue(10, 3_600_000);
    expect(await found(requestId)).toEqual(before);
  });
});

it('keeps the chain whole through all of this', async () => {
  const all = streamRecords(state.audit, { after: 0n, stopAtHead: true, signal: new AbortController().signal });
  const head = await state.audit.head();
  expect(await verifyChain(all, sha256, head === null ? {} : { head })).toMatchObject({ kind: 'intact' });
});
