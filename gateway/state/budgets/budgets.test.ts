import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Charge, Settlement } from '../../core/budget/charge.ts';
import type { Limit } from '../../core/decision/decision.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { OpenResult } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { SAMPLE_CUSTODY, sampleApproval, sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { approve, createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { pruneBudgets } from './prune-budgets.ts';

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'budgets' });
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

function charge(amount: bigint, change: Partial<Limit> = {}, settlement: Settlement = 'landing'): Charge {
  const limit: Limit = {
    id: 'daily',
    scope: 'wallet',
    measure: { kind: 'outflow', asset: 'SOL' },
    window: { kind: 'rolling', seconds: 86_400 },
    max: 100n,
    onExceed: { kind: 'deny' },
    ...change,
  };
  return { limit, budget: 'unnamed', amount, settlement };
}

/** Charges of a budget of their own. */
function budget(): (...charges: Charge[]) => readonly Charge[] {
  const name = `wallet:${randomUUID()}|outflow:SOL`;
  return (...charges) => charges.map((each) => ({ ...each, budget: name }));
}

async function open(
  charges: readonly Charge[],
  excess: readonly string[] = [],
): Promise<OpenResult & { readonly requestId: string }> {
  const request = sampleRequest({ terms: { charges, excess, controls: 1n } });
  const result = await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  return { ...result, requestId: request.requestId };
}

async function move(requestId: string, ...states: readonly RequestState[]): Promise<void> {
  let from: RequestState = 'SIGNING';
  for (const to of states) {
    const change = to === 'SIGNED' ? sampleSigned(requestId) : { requestId, from, to, dueAt: null };
    expect(await state.requests.advance(change, null)).toEqual({ kind: 'advanced' });
    from = to;
  }
}

async function standing(charges: readonly Charge[]) {
  const [found] = await state.budgets.standings(charges);
  if (found === undefined) throw new Error('no standing');
  return { used: found.used, reserved: found.reserved };
}

describe('a reservation', () => {
  it('is made with the intent, up to the maximum and not beyond', async () => {
    const of = budget();
    expect(await open(of(charge(60n)))).toMatchObject({ kind: 'opened' });
    expect(await open(of(charge(41n)))).toMatchObject({ kind: 'exceeded', limitIds: ['daily'] });
    expect(await open(of(charge(40n)))).toMatchObject({ kind: 'opened' });
    expect(await standing(of(charge(0n)))).toEqual({ used: 0n, reserved: 100n });
  });

  it('that has no room leaves neither a request nor an audit record', async () => {
    const of = budget();
    const head = await state.audit.head();
    const { kind, requestId } = await open(of(charge(101n)));
    expect(kind).toBe('exceeded');
    expect(await state.requests.find(requestId)).toBeNull();
    expect(await state.audit.head()).toEqual(head);
  });

  it('is of all limits or of none', async () => {
    const wide = budget();
    const tight = budget();
    const both = [...wide(charge(50n, { id: 'wide' })), ...tight(charge(50n, { id: 'tight', max: 49n }))];
    expect(await open(both)).toMatchObject({ kind: 'exceeded', limitIds: ['tight'] });
    expect(await standing(wide(charge(0n)))).toEqual({ used: 0n, reserved: 0n });
  });

  it('counts once for two limits of one budget, and names each that has no room', async () => {
    const of = budget();
    const minute = { window: { kind: 'rolling', seconds: 60 } } as const;
    const charges = of(charge(30n), charge(30n, { id: 'minute', max: 30n, ...minute }));
    expect(await open(charges)).toMatchObject({ kind: 'opened' });
    expect(await standing(charges)).toEqual({ used: 0n, reserved: 30n });
    const more = of(charge(71n), charge(71n, { id: 'minute', max: 30n, ...minute }));
    expect(await open(more)).toMatchObject({ kind: 'exceeded', limitIds: ['daily', 'minute'] });
  });

  it('of many at once stays within the maximum, in one batch or in several', async () => {
    const of = budget();
    const results = await Promise.all(Array.from({ length: 300 }, () => open(of(charge(1n)))));
    expect(results.filter(({ kind }) => kind === 'opened')).toHaveLength(100);
    expect(results.filter(({ kind }) => kind === 'exceeded')).toHaveLength(200);
    expect(await standing(of(charge(0n)))).toEqual({ used: 0n, reserved: 100n });
  });

  it('goes beyond the maximum where approvers let it, and counts all the same', async () => {
    const of = budget();
    const approval = { quorum: 1, groups: [], timeoutSeconds: 300 };
    const asking = charge(150n, { onExceed: { kind: 'require_approval', approval } });
    expect(await open(of(asking), ['daily'])).toMatchObject({ kind: 'opened' });
    expect(await standing(of(charge(0n)))).toEqual({ used: 0n, reserved: 150n });
    expect(await open(of(charge(1n)))).toMatchObject({ kind: 'exceeded' });
  });

  it('of an approved request is made with its move to SIGNING, or the request stays', async () => {
    const of = budget();
    const asked = async (amount: bigint) => {
      const approval = sampleApproval();
      const request = sampleRequest({ state: 'AWAITING_APPROVAL', approval });
      await state.requests.open(request, sampleEntry('request.approval_required', request.requestId));
      await approve(database, approval);
      const { requestId } = request;
      const terms = { charges: of(charge(amount)), excess: [], controls: 1n };
      const change = {
        requestId,
        from: 'AWAITING_APPROVAL',
        to: 'SIGNING',
        terms,
        custody: SAMPLE_CUSTODY,
        dueAt: null,
      } as const;
      return { requestId, result: await state.requests.advance(change, sampleEntry('request.signing', requestId)) };
    };
    expect((await asked(80n)).result).toEqual({ kind: 'advanced' });
    const { requestId, result } = await asked(21n);
    expect(result).toEqual({ kind: 'exceeded', limitIds: ['daily'] });
    expect((await state.requests.find(requestId))?.state).toBe('AWAITING_APPROVAL');
  });

  it('holds sums far beyond u64 exactly', async () => {
    const of = budget();
    const max = 2n ** 96n;
    expect(await open(of(charge(max - 1n, { max })))).toMatchObject({ kind: 'opened' });
    expect(await open(of(charge(2n, { max })))).toMatchObject({ kind: 'exceeded' });
    expect(await open(of(charge(1n, { max })))).toMatchObject({ kind: 'opened' });
    expect(await standing(of(charge(0n, { max })))).toEqual({ used: 0n, reserved: max });
  });
});

describe('what becomes of the request decides', () => {
  it.each<[readonly RequestState[], Settlement, { used: bigint; reserved: bigint }]>([
    [['SIGNED'], 'landing', { used: 0n, reserved: 7n }],
    [['SIGNED'], 'signature', { used: 7n, reserved: 0n }],
    [['SIGNING_FAILED'], 'signature', { used: 0n, reserved: 0n }],
    [['SIGNING_FAILED'], 'landing', { used: 0n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'INDETERMINATE'], 'landing', { used: 0n, reserved: 7n }],
    [['INDETERMINATE'], 'signature', { used: 7n, reserved: 0n }],
    [['INDETERMINATE'], 'landing', { used: 0n, reserved: 7n }],
    [['INDETERMINATE', 'EXPIRED'], 'signature', { used: 7n, reserved: 0n }],
    [['INDETERMINATE', 'EXPIRED'], 'landing', { used: 0n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'CONFIRMED'], 'landing', { used: 0n, reserved: 7n }],
    [['SIGNED', 'SUBMITTED', 'CONFIRMED', 'FINALIZED'], 'landing', { used: 7n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'CONFIRMED', 'FINALIZED'], 'fee', { used: 7n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'FAILED'], 'landing', { used: 0n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'FAILED'], 'fee', { used: 7n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'EXPIRED'], 'landing', { used: 0n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'EXPIRED'], 'fee', { used: 0n, reserved: 0n }],
    [['SIGNED', 'SUBMITTED', 'EXPIRED'], 'signature', { used: 7n, reserved: 0n }],
  ])('%j: what is settled by %s', async (states, settlement, expected) => {
    const charges = budget()(charge(7n, {}, settlement));
    const { requestId } = await open(charges);
    await move(requestId, ...states);
    expect(await standing(charges)).toEqual(expected);
  });

  it('what is given back has room again', async () => {
    const of = budget();
    const { requestId } = await open(of(charge(100n)));
    expect(await open(of(charge(1n)))).toMatchObject({ kind: 'exceeded' });
    await move(requestId, 'SIGNING_FAILED');
    expect(await open(of(charge(100n)))).toMatchObject({ kind: 'opened' });
  });
});

describe('what nobody may sign any more', () => {
  it('is not opened under older controls', async () => {
    const request = sampleRequest({ terms: { charges: budget()(charge(1n)), excess: [], controls: 0n } });
    const result = await state.requests.open(request, sampleEntry('request.signing', request.requestId));
    expect(result).toEqual({ kind: 'controls_changed' });
    expect(await state.requests.find(request.requestId)).toBeNull();
  });

  it('does not get its signature recorded under older controls', async () => {
    const { requestId } = await open([]);
    const change = { ...sampleSigned(requestId), controls: 0n };
    expect(await state.requests.advance(change, null)).toEqual({ kind: 'controls_changed' });
    expect((await state.requests.find(requestId))?.state).toBe('SIGNING');
    expect(await state.requests.advance({ ...change, controls: 1n }, null)).toEqual({ kind: 'advanced' });
  });
});

it('lists limits as they were stated last', async () => {
  const agent = `bot-${randomUUID()}`;
  const charges = [{ ...charge(30n, { scope: 'agent' }), budget: `agent:${agent}|outflow:SOL` }];
  await open(charges);
  const [found, ...others] = await state.budgets.list(
    { agentId: agent, walletIds: ['of-nobody'], withOthers: false, groups: null, activeRevision: 'test-1' },
    10,
  );
  expect(others).toEqual([]);
  expect(found).toMatchObject({ limit: charges[0]?.limit, reserved: 30n, used: 0n, bundleRevision: 'test-1' });
});

it('lists a limit that the active revision does not state as long as something counts in its window', async () => {
  const agent = `bot-${randomUUID()}`;
  const of = (kind: 'rolling' | 'lifetime') => ({
    ...charge(30n, { id: kind, scope: 'agent', window: kind === 'rolling' ? { kind, seconds: 60 } : { kind } }),
    budget: `agent:${agent}|outflow:${kind}`,
  });
  const requestId = await open([of('rolling'), of('lifetime')]);
  const listed = async (activeRevision: string) => {
    const found = await state.budgets.list(
      { agentId: agent, walletIds: [], withOthers: false, groups: null, activeRevision },
      10,
    );
    return found.map(({ limit, isEarlier }) => [limit.id, isEarlier]);
  };
  expect(await listed('test-1')).toEqual([
    ['lifetime', false],
    ['rolling', false],
  ]);
  expect(await listed('test-2')).toEqual([
    ['lifetime', true],
    ['rolling', true],
  ]);
  await move(requestId.requestId, 'SIGNED', 'SUBMITTED', 'CONFIRMED', 'FINALIZED');
  await database.run(`UPDATE settlements SET time_ms = time_ms - 60000
    WHERE budget_id = (SELECT budget_id FROM budgets WHERE name = 'agent:${agent}|outflow:rolling')`);
  expect(await listed('test-2')).toEqual([['lifetime', true]]);
  expect(await listed('test-1')).toHaveLength(2);
});

it('tells which time zones the database knows', async () => {
  expect(await state.budgets.knowsTimeZone('Europe/Zurich')).toBe(true);
  expect(await state.budgets.knowsTimeZone('Europe/Zurich')).toBe(true);
  expect(await state.budgets.knowsTimeZone('Europe/Atlantis')).toBe(false);
});

it('prunes step by step, and keeps what a window may need', async () => {
  const charges = budget()(charge(7n));
  const { requestId } = await open(charges);
  await move(requestId, 'SIGNED', 'SUBMITTED', 'CONFIRMED', 'FINALIZED');
  const first = await state.budgets.prune(0n, 1);
  expect(first).not.toBeNull();
  expect(await state.budgets.prune(10n ** 9n, 1)).toBeNull();
  await pruneBudgets(state.budgets);
  expect(await standing(charges)).toEqual({ used: 7n, reserved: 0n });
});
