import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeyCustody, NewRequest } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { decisionJson } from '../sql/decision-json.ts';
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

const NOT_RECORDED: KeyCustody = { wallet: 'remote', feePayer: 'remote' };
const EACH: readonly KeyCustody[] = (['process', 'remote'] as const).flatMap((wallet) =>
  (['process', 'remote'] as const).map((feePayer) => ({ wallet, feePayer })),
);

let database: TestDatabase;
let state: State;
/** Of a gateway of the version before, which says nothing of its keys. */
let older: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  older = new pg.Client({ connectionString: database.url });
  await older.connect();
});

afterAll(async () => {
  await older.end();
  await state.close();
  await database.drop();
});

it('stands in the record as it was when the request was opened, and stays so', async () => {
  const requests = await Promise.all(EACH.map((custody) => opened(sampleRequest({ custody }))));
  expect(await Promise.all(requests.map(custodyOf))).toEqual(EACH);
  for (const { requestId } of requests) await state.requests.advance(sampleSigned(requestId), null);
  expect(await Promise.all(requests.map(custodyOf))).toEqual(EACH);
});

it('is recorded by the move to SIGNING, of the gateway that makes it', async () => {
  for (const custody of EACH) {
    const request = await approved();
    expect(await custodyOf(request)).toEqual(NOT_RECORDED);
    const { requestId } = request;
    const signing = { requestId, from: 'AWAITING_APPROVAL', to: 'SIGNING', terms: SAMPLE_TERMS, dueAt: null } as const;
    expect(await state.requests.advance({ ...signing, custody }, null)).toEqual({ kind: 'advanced' });
    expect(await custodyOf(request)).toEqual(custody);
  }
});

it('is said exactly when keys are to be asked, or nothing is written', async () => {
  const { custody: _, ...untold } = sampleRequest();
  await expect(open(untold)).rejects.toMatchObject({ reason: 'INTERNAL' });
  const denied = sampleRequest({ state: 'DENIED', custody: SAMPLE_CUSTODY });
  await expect(open(denied)).rejects.toMatchObject({ reason: 'INTERNAL' });
  const { requestId } = await opened(sampleRequest());
  const moved = { ...sampleSigned(requestId), custody: SAMPLE_CUSTODY };
  await expect(state.requests.advance(moved, null)).rejects.toMatchObject({ reason: 'INTERNAL' });
  expect(await state.requests.find(requestId)).toMatchObject({ state: 'SIGNING' });
  expect(await state.requests.find(untold.requestId)).toBeNull();
});

it('of what a gateway of the version before opens or lets be signed is not known, and what it moves on keeps its own', async () => {
  const requestId = randomUUID();
  expect(await commit(olderOpen(requestId), NO_CHANGE)).toEqual([]);
  expect(await custodyOf({ requestId })).toEqual(NOT_RECORDED);
  const waiting = await approved();
  expect(await commit(NO_OPEN, olderMove(waiting.requestId, 'AWAITING_APPROVAL', 'SIGNING'))).toEqual([]);
  expect(await state.requests.find(waiting.requestId)).toMatchObject({ state: 'SIGNING', custody: NOT_RECORDED });
  const newer = await opened(sampleRequest());
  expect(await commit(NO_OPEN, olderMove(newer.requestId, 'SIGNING', 'SIGNED'))).toEqual([]);
  expect(await state.requests.find(newer.requestId)).toMatchObject({ state: 'SIGNED', custody: SAMPLE_CUSTODY });
});

const none = (count: number) => Array.from({ length: count }, () => []);
const nulls = (count: number) => Array.from({ length: count }, () => [null]);
const NO_OPEN = none(19);
const NO_CHANGE = none(20);

/** By the function of migrations/0005, with its parameters in their order. */
async function commit(open: readonly unknown[], change: readonly unknown[]): Promise<unknown> {
  const values = [randomUUID(), ...open, ...change, ...none(1), ...none(6), ...none(2), ...none(17)];
  const text = `SELECT skipped FROM commit_operations(${values.map((_, index) => `$${index + 1}`).join(', ')})`;
  const { rows } = await older.query<{ skipped: unknown }>({ name: 'commit_operations', text, values });
  return rows[0]?.skipped;
}

function olderOpen(requestId: string): readonly unknown[] {
  const decision = decisionJson(sampleJudgement().decision);
  const about = [[requestId], ['agent-1'], [null], ['treasury'], ['sign'], ['SIGNING'], [null], [false], ['3'], [null]];
  const digests = Array.from({ length: 3 }, () => [Buffer.alloc(32, requestId)]);
  const documents = Array.from({ length: 3 }, () => [Buffer.from('document')]);
  return [...about, ...digests, ['{}'], [decision], ...documents, [1]];
}

function olderMove(requestId: string, from: string, to: string): readonly unknown[] {
  return [[requestId], [from], [to], [null], [false], ...nulls(4), [false], ...nulls(2), [false], ...nulls(7)];
}

function open(request: NewRequest) {
  return state.requests.open(request, sampleEntry('request.signing', request.requestId));
}

/** One that waits to be carried out. */
async function approved(): Promise<NewRequest> {
  const approval = sampleApproval();
  const request = await opened(sampleRequest({ state: 'AWAITING_APPROVAL', approval }));
  await approve(database, approval);
  return request;
}

async function opened(request: NewRequest): Promise<NewRequest> {
  expect(await open(request)).toEqual({ kind: 'opened' });
  return request;
}

async function custodyOf({ requestId }: Pick<NewRequest, 'requestId'>): Promise<KeyCustody | undefined> {
  return (await state.requests.find(requestId))?.custody;
}
