// The arithmetic of windows, in Postgres, against the ledger that backtests count with, and against what really landed.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeededRandom, seededRandom, seedOfRun } from '../../../test/differential/seeded-random.ts';
import { periodAt } from '../../core/budget/calendar-period.ts';
import type { Charge, Settlement } from '../../core/budget/charge.ts';
import { fateOf } from '../../core/budget/fate.ts';
import { createBudgetLedger } from '../../core/budget/ledger.ts';
import { left } from '../../core/budget/standing.ts';
import type { LimitWindow } from '../../core/decision/decision.ts';
import { REQUEST_STATES } from '../../core/request/request-state.ts';
import { type BudgetWindows, openBudgetWindows } from '../testing/budget-windows.ts';

let database: BudgetWindows;

beforeAll(async () => {
  database = await openBudgetWindows();
});

afterAll(() => database.close());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What stands in Intl's calendar at a time, for comparing days, weeks and months without any arithmetic of zones. */
function periodOf(time: number, unit: 'day' | 'week' | 'month', timeZone: string): string {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    time,
  );
  if (unit === 'month') return date.slice(0, 7);
  if (unit === 'day') return date;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const sinceMonday = (new Date(midnight).getUTCDay() + 6) % 7;
  return new Date(midnight - sinceMonday * DAY).toISOString().slice(0, 10);
}

function isWithin(window: LimitWindow, time: number, now: number): boolean {
  switch (window.kind) {
    case 'rolling':
      return time > now - window.seconds * 1000;
    case 'calendar':
      return periodOf(time, window.unit, window.timeZone) === periodOf(now, window.unit, window.timeZone);
    case 'lifetime':
      return true;
  }
}

/** One budget in the database, with its reservation of each request. */
function chargeOf(window: LimitWindow, budget: string, max: bigint, amount: bigint): Charge {
  const measure = { kind: 'outflow', asset: 'SOL' } as const;
  const limit = {
    id: JSON.stringify(window),
    scope: 'global',
    measure,
    window,
    max,
    onExceed: { kind: 'deny' },
  } as const;
  return { limit, budget, amount, settlement: 'landing' };
}

const ZONES = ['UTC', 'Europe/Zurich', 'Atlantic/Azores', 'America/Havana', 'Australia/Lord_Howe', 'Pacific/Chatham'];
/** Around both turns of the clocks of 2026, the ends of months, and ends of weeks. */
const STARTS = [
  Date.UTC(2026, 2, 28, 12),
  Date.UTC(2026, 9, 24, 12),
  Date.UTC(2026, 9, 31, 12),
  Date.UTC(2026, 3, 4, 6),
];

function anyWindow(random: SeededRandom): LimitWindow {
  const unit = random.pick(['day', 'week', 'month'] as const);
  const seconds = random.pick([1, 60, 3600, 86_400, 604_800]);
  return random.pick<LimitWindow>([
    { kind: 'rolling', seconds },
    { kind: 'rolling', seconds },
    { kind: 'calendar', unit, timeZone: random.pick(ZONES) },
    { kind: 'lifetime' },
  ]);
}

const STEPS = [
  0,
  1,
  999,
  1000,
  1001,
  59_999,
  60_000,
  61_000,
  30 * 60_000,
  HOUR - 1,
  HOUR,
  HOUR + 1,
  5 * HOUR,
  DAY - 1,
  DAY,
];

/** One budget, one or two limits, sixty events; the clock now and then goes back. */
async function playThrough(random: SeededRandom): Promise<void> {
  const windows = Array.from({ length: 1 + random.below(2) }, () => anyWindow(random));
  const budget = `model ${randomUUID()}`;
  const max = BigInt(5 + random.below(20));
  const ledger = createBudgetLedger();
  const open = new Map<string, bigint>();
  let time = random.pick(STARTS) + random.below(DAY);
  let newest = 0;
  for (let event = 0; event < 60; event++) {
    time += random.chance(5) ? -random.below(2 * HOUR) : random.pick(STEPS);
    if (open.size > 0 && random.chance(50)) {
      const [request, reserved] = random.pick([...open]);
      const state = random.pick(['FINALIZED', 'FINALIZED', 'EXPIRED', 'FAILED'] as const);
      await database.settle(time, request, state);
      const isUsed = fateOf(state, 'landing') === 'used';
      ledger.settle(budget, reserved, time, isUsed);
      if (isUsed) newest = Math.max(newest, time);
      open.delete(request);
      continue;
    }
    const amount = BigInt(1 + random.below(8));
    const now = Math.max(time, newest);
    const standings = windows.map((window) => ledger.standing(chargeOf(window, budget, max, amount), time));
    const expected = standings.flatMap((standing, index) => (amount > left(standing) ? [index + 1] : []));
    const { request, exceeded } = await database.reserve(time, budget, windows, max, amount);
    const what = `${JSON.stringify(windows)} at ${new Date(now).toISOString()}`;
    expect(exceeded, what).toEqual(expected);
    for (const index of exceeded) {
      const standing = standings[index - 1];
      if (standing !== undefined) expect(await database.fitsAt(standing, now), what).toBe(standing.fitsAt);
    }
    if (exceeded.length > 0) continue;
    open.set(request, amount);
    ledger.reserve(budget, amount);
  }
  const reserved = [...open.values()].reduce((sum, amount) => sum + amount, 0n);
  expect(await database.one('SELECT reserved::text FROM budgets WHERE name = $1', [budget])).toBe(String(reserved));
}

/** As it must be by the time at which transactions land, whenever somebody learns of it: the clock goes forward here. */
async function landThrough(random: SeededRandom): Promise<void> {
  const window = anyWindow(random);
  const budget = `truth ${randomUUID()}`;
  const max = BigInt(5 + random.below(20));
  const landed: { readonly at: number; readonly amount: bigint }[] = [];
  const open: {
    readonly request: string;
    readonly amount: bigint;
    readonly landsAt: number;
    readonly seenAt: number;
  }[] = [];
  let time = random.pick(STARTS) + random.below(DAY);
  for (let event = 0; event < 60; event++) {
    time += random.pick(STEPS);
    for (const each of open.splice(0).sort((a, b) => a.seenAt - b.seenAt)) {
      if (each.seenAt > time) open.push(each);
      else {
        await database.settle(each.seenAt, each.request, 'FINALIZED');
        landed.push({ at: each.landsAt, amount: each.amount });
      }
    }
    const amount = BigInt(1 + random.below(8));
    const { request, exceeded } = await database.reserve(time, budget, [window], max, amount);
    if (exceeded.length > 0) continue;
    const landsAt = time + random.pick(STEPS);
    open.push({ request, amount, landsAt, seenAt: landsAt + random.pick(STEPS) });
  }
  for (const { at: end } of landed) {
    const sum = landed
      .filter(({ at }) => at <= end && isWithin(window, at, end))
      .reduce((total, { amount }) => total + amount, 0n);
    expect(sum, `${JSON.stringify(window)} up to ${new Date(end).toISOString()}`).toBeLessThanOrEqual(max);
  }
}

describe('windows', () => {
  it('hold what the ledger holds, and free themselves when it says', async () => {
    const random = seededRandom(seedOfRun('budget windows'));
    for (let round = 0; round < 30; round++) await playThrough(random);
  }, 30_000);

  it('never let more land than the maximum, by the time at which it lands', async () => {
    const random = seededRandom(seedOfRun('budget truth'));
    for (let round = 0; round < 20; round++) await landThrough(random);
  }, 30_000);

  it('of a rolling window end exactly with its length', async () => {
    const window = { kind: 'rolling', seconds: 60 } as const;
    const now = Date.UTC(2026, 5, 1);
    const { request } = await database.reserve(now, 'edge', [window], 10n, 10n);
    await database.settle(now, request, 'FINALIZED');
    expect((await database.reserve(now + 59_999, 'edge', [window], 10n, 1n)).exceeded).toEqual([1]);
    expect((await database.reserve(now + 60_000, 'edge', [window], 10n, 10n)).exceeded).toEqual([]);
  });

  it.each([
    // Clocks show the first hour of the day twice.
    ['Atlantic/Azores', '2026-10-25T00:00:00Z', '2026-10-26T01:00:00Z'],
    ['America/Havana', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    // Clocks skip the first hour of the day.
    ['America/Havana', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['Europe/Zurich', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['Europe/Zurich', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  ])('of a day in %s lasts from %s to %s', async (zone, start, end) => {
    const from = Date.parse(start);
    const to = Date.parse(end);
    for (const time of [from, from + 1, from + HOUR / 2, from + HOUR, from + HOUR + 1, to - 1]) {
      expect(await database.one('SELECT period_start_ms($1, $2, $3, 0)::text', [time, 'day', zone])).toBe(String(from));
      expect(await database.one('SELECT period_start_ms($1, $2, $3, 1)::text', [time, 'day', zone])).toBe(String(to));
      expect(periodAt(time, 'day', zone)).toEqual({ start: from, end: to });
    }
  });

  it('are settled in each state as the ledger settles them', async () => {
    for (const settlement of ['signature', 'landing', 'fee'] satisfies Settlement[]) {
      for (const state of REQUEST_STATES) {
        const isDecided = await database.one('SELECT is_decided($1, $2)', [state, settlement]);
        expect(isDecided, `${state}, ${settlement}`).toBe(fateOf(state, settlement) !== 'open');
        if (!isDecided) continue;
        const budget = `fate ${state} ${settlement}`;
        const now = Date.UTC(2026, 5, 1);
        const { request } = await database.reserve(now, budget, [{ kind: 'lifetime' }], 10n, 7n, settlement);
        await database.settle(now, request, state);
        const settled = await database.one('SELECT settled::text FROM budgets WHERE name = $1', [budget]);
        expect(settled, `${state}, ${settlement}`).toBe(fateOf(state, settlement) === 'used' ? '7' : '0');
      }
    }
  });

  it('count from the newest settlement where the clock of the database has gone back', async () => {
    const window = { kind: 'rolling', seconds: 60 } as const;
    const now = Date.UTC(2026, 5, 1);
    const first = await database.reserve(now, 'back', [window], 10n, 6n);
    const second = await database.reserve(now, 'back', [window], 10n, 4n);
    await database.settle(now, first.request, 'FINALIZED');
    await database.settle(now - HOUR, second.request, 'FINALIZED');
    expect(await database.one('SELECT settled_at_ms::text FROM budgets WHERE name = $1', ['back'])).toBe(String(now));
    expect((await database.reserve(now - HOUR, 'back', [window], 10n, 1n)).exceeded).toEqual([1]);
    expect((await database.reserve(now + 59_999, 'back', [window], 10n, 1n)).exceeded).toEqual([1]);
    expect((await database.reserve(now + 60_000, 'back', [window], 10n, 10n)).exceeded).toEqual([]);
  });
});

describe('what no window needs any more', () => {
  it('is pruned, budget by budget, but for the row that the longest window counts from', async () => {
    const now = Date.UTC(2026, 5, 1);
    const year = { kind: 'rolling', seconds: 31_622_400 } as const;
    const edge = now - year.seconds * 1000;
    const names = ['prune a', 'prune b', 'prune c'];
    for (const name of names) {
      for (const at of [edge - 3, edge - 2, edge - 1, edge, edge + 1, now - 1]) {
        const { request } = await database.reserve(at, name, [{ kind: 'lifetime' }], 100n, 2n);
        await database.settle(at, request, 'FINALIZED');
      }
    }
    const left = () =>
      database.one<string>(
        `SELECT string_agg((s.time_ms - $1)::text, ' ' ORDER BY b.name, s.time_ms) FROM settlements s JOIN budgets b USING (budget_id)
           WHERE b.name LIKE 'prune %'`,
        [edge],
      );
    const before = Number(await database.one('SELECT min(budget_id) - 1 FROM budgets WHERE name = ANY ($1)', [names]));
    const last = Number(await database.one('SELECT prune_settlements($1, $2, 2)', [edge, before]));
    const rest = `${year.seconds * 1000 - 1}`;
    const whole = `-3 -2 -1 0 1 ${rest}`;
    const pruned = `-1 0 1 ${rest}`;
    expect(await left()).toBe(`${pruned} ${pruned} ${whole}`);
    expect(Number(await database.one('SELECT prune_settlements($1, $2, 2)', [edge, last]))).toBe(last + 1);
    expect(await database.one('SELECT prune_settlements($1, $2, 2)', [edge, last + 1])).toBeNull();
    expect(await left()).toBe(`${pruned} ${pruned} ${pruned}`);
    expect((await database.reserve(now, 'prune a', [year], 4n, 1n)).exceeded).toEqual([1]);
    expect((await database.reserve(now, 'prune a', [year], 5n, 1n)).exceeded).toEqual([]);
  });
});
