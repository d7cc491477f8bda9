import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NewRequest, OpenResult } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import {
  SAMPLE_CUSTODY,
  SAMPLE_TERMS,
  sampleApproval,
  sampleEntry,
  sampleJudgement,
  sampleRequest,
} from '../testing/sample-request.ts';
import { approve, createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

it('opens a message once among those that asked for a fresh blockhash, and leaves no audit record of the second', async () => {
  const judgement = sampleJudgement();
  const fresh = (change: Partial<NewRequest> = {}) =>
    sampleRequest({ judgement, ...change }, { setFreshBlockhash: true });
  expect(await open(fresh())).toEqual({ kind: 'opened' });
  const before = await state.audit.head();
  expect(await open(fresh())).toEqual({ kind: 'duplicate_message' });
  expect(await state.audit.head()).toEqual(before);
  expect(await open(fresh({ state: 'DENIED' }))).toEqual({ kind: 'opened' });
  expect(await open(sampleRequest({ judgement }))).toEqual({ kind: 'opened' });
});

it('advances to no judgement whose message another request signs, and leaves the request as it was', async () => {
  const judgement = sampleJudgement();
  await open(sampleRequest({ judgement }, { setFreshBlockhash: true }));
  const approval = sampleApproval();
  const waiting = sampleRequest({ state: 'AWAITING_APPROVAL', approval }, { setFreshBlockhash: true });
  await open(waiting);
  await approve(database, approval);
  const { requestId } = waiting;
  const before = [await state.audit.head(), await state.requests.find(requestId)];
  const signing = {
    from: 'AWAITING_APPROVAL',
    to: 'SIGNING',
    terms: SAMPLE_TERMS,
    custody: SAMPLE_CUSTODY,
    dueAt: null,
  } as const;
  const change = { requestId, judgement, ...signing };
  const result = await state.requests.advance(change, sampleEntry('request.signing', requestId));
  expect(result).toEqual({ kind: 'duplicate_message' });
  expect([await state.audit.head(), await state.requests.find(requestId)]).toEqual(before);
});

function open(request: NewRequest): Promise<OpenResult> {
  return state.requests.open(request, sampleEntry('request.signing', request.requestId));
}
