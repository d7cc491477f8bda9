import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Charge, Settlement } from '../../core/budget/charge.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;
let other: State;
/** Writes as a gateway does that knows nothing of reservations. */
let older: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  [state, other] = await Promise.all([
    openState({ databaseUrl: database.url, instanceId: 'one' }),
    openState({ databaseUrl: database.url, instanceId: 'two' }),
  ]);
  older = new pg.Client({ connectionString: database.url });
  await older.connect();
});

afterAll(async () => {
  await older.end();
  await Promise.all([state.close(), other.close()]);
  await database.drop();
});

beforeEach(async () => {
  await older.query("UPDATE requests SET state = 'EXPIRED', due_at_ms = NULL");
  await state.reservations.reconcile();
});

describe('what is still reserved for a request that was decided', () => {
  it.each<[RequestState, number | null, Settlement, { used: bigint; reserved: bigint; reconciled: number }]>([
    ['FINALIZED', null, 'landing', { used: 7n, reserved: 0n, reconciled: 1 }],
    ['FAILED', null, 'landing', { used: 0n, reserved: 0n, reconciled: 1 }],
    ['FAILED', null, 'fee', { used: 7n, reserved: 0n, reconciled: 1 }],
    ['EXPIRED', null, 'landing', { used: 0n, reserved: 0n, reconciled: 1 }],
    ['EXPIRED', null, 'fee', { used: 0n, reserved: 0n, reconciled: 1 }],
    ['SIGNING_FAILED', null, 'signature', { used: 0n, reserved: 0n, reconciled: 1 }],
    // Nobody will look again: it may have landed.
    ['INDETERMINATE', null, 'landing', { used: 7n, reserved: 0n, reconciled: 1 }],
    ['INDETERMINATE', null, 'fee', { used: 7n, reserved: 0n, reconciled: 1 }],
    // Not decided.
    ['INDETERMINATE', 1, 'landing', { used: 0n, reserved: 7n, reconciled: 0 }],
    ['CONFIRMED', null, 'landing', { used: 0n, reserved: 7n, reconciled: 0 }],
    ['SUBMITTED', null, 'landing', { used: 0n, reserved: 7n, reconciled: 0 }],
    ['SIGNED', null, 'landing', { used: 0n, reserved: 7n, reconciled: 0 }],
    ['SIGNING', null, 'landing', { used: 0n, reserved: 7n, reconciled: 0 }],
  ])('as %s, due %s, and settled by %s', async (found, dueAt, settlement, { reconciled, ...expected }) => {
    const charges = chargesOf(7n, settlement);
    const requestId = await open(charges);
    await decideAsOlder([requestId], found, dueAt);
    expect(await state.reservations.reconcile()).toBe(reconciled);
    expect(await standing(charges)).toEqual(expected);
    expect(await state.reservations.reconcile()).toBe(0);
    expect(await standing(charges)).toEqual(expected);
  });

  it('is settled once by any number of gateways, beside requests that come and go', async () => {
    const charges = chargesOf(1n, 'landing');
    const requestIds = await Promise.all(Array.from({ length: 1_200 }, () => open(charges)));
    await decideAsOlder(requestIds, 'FINALIZED', null);
    const [later, ...counts] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, () => open(charges))),
      ...[state, other, state, other].map(({ reservations }) => reservations.reconcile()),
    ]);
    // One that found everything locked leaves it to the next round.
    const rest = await state.reservations.reconcile();
    expect(counts.reduce((sum, count) => sum + count, rest)).toBe(1_200);
    expect(await standing(charges)).toEqual({ used: 1_200n, reserved: BigInt(later.length) });
  });

  it('is found among ever so many that are open, page by page, until it is told to stop', async () => {
    const charges = chargesOf(1n, 'landing');
    const requestIds = (await Promise.all(Array.from({ length: 1_100 }, () => open(charges)))).sort();
    const decided = [0, 499, 500, 1_099].flatMap((n) => requestIds[n] ?? []);
    await decideAsOlder(decided, 'FINALIZED', null);
    expect(await state.reservations.reconcile(AbortSignal.abort())).toBe(0);
    expect(await state.reservations.reconcile(new AbortController().signal)).toBe(4);
    expect(await standing(charges)).toEqual({ used: 4n, reserved: 1_096n });
  });

  it('is not looked for while another transaction moves its request', async () => {
    const charges = chargesOf(7n, 'landing');
    const requestId = await open(charges);
    await decideAsOlder([requestId], 'EXPIRED', null);
    await older.query('BEGIN');
    await older.query('SELECT FROM requests WHERE request_id = $1 FOR UPDATE', [requestId]);
    expect(await state.reservations.reconcile()).toBe(0);
    await older.query('ROLLBACK');
    expect(await state.reservations.reconcile()).toBe(1);
  });
});

describe('open reservations', () => {
  it('are counted, with the age of the oldest', async () => {
    expect(await state.reservations.open()).toEqual({ count: 0, oldestAgeMs: 0 });
    const requestId = await open(chargesOf(7n, 'landing'));
    await older.query('UPDATE requests SET created_at_ms = created_at_ms - 90000 WHERE request_id = $1', [requestId]);
    const { count, oldestAgeMs } = await state.reservations.open();
    expect(count).toBe(1);
    expect(oldestAgeMs).toBeGreaterThanOrEqual(90_000);
    expect(oldestAgeMs).toBeLessThan(150_000);
    await state.requests.advance({ ...sampleSigned(requestId), to: 'SIGNING_FAILED' }, null);
    expect(await state.reservations.open()).toEqual({ count: 0, oldestAgeMs: 0 });
  });
});

function chargesOf(amount: bigint, settlement: Settlement): readonly Charge[] {
  const limit: Charge['limit'] = {
    id: 'daily',
    scope: 'wallet',
    measure: { kind: 'outflow', asset: 'SOL' },
    window: { kind: 'lifetime' },
    max: 10_000n,
    onExceed: { kind: 'deny' },
  };
  return [{ limit, budget: `wallet:${randomUUID()}|outflow:SOL`, amount, settlement }];
}

async function open(charges: readonly Charge[]): Promise<string> {
  const { version } = state.controls.current();
  const request = sampleRequest({ terms: { charges, excess: [], controls: version } });
  const opened = await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  expect(opened.kind).toBe('opened');
  return request.requestId;
}

async function decideAsOlder(requestIds: readonly string[], to: RequestState, dueAt: number | null): Promise<void> {
  await older.query('UPDATE requests SET state = $1, due_at_ms = $2 WHERE request_id = ANY ($3)', [
    to,
    dueAt,
    requestIds,
  ]);
}

async function standing(charges: readonly Charge[]) {
  const [found] = await state.budgets.standings(charges);
  if (found === undefined) throw new Error('no standing');
  return { used: found.used, reserved: found.reserved };
}
