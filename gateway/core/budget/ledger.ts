// Owns the exact model of budgets over time: what is reserved and used of each, as the record counts it in SQL, which is tested against it.
import type { LimitWindow } from '../decision/decision.ts';
import { periodAt } from './calendar-period.ts';
import type { Charge } from './charge.ts';
import type { StandingOf } from './standing.ts';

export interface BudgetLedger {
  /** Where the limit of a charge stands against its amount. `now`: unix milliseconds; the ledger's clock never goes back. */
  standing(charge: Charge, now: number): StandingOf;
  /** Counts in every window until it is settled. */
  reserve(budget: string, amount: bigint): void;
  /** What was reserved is used for good at `now`, or given back. */
  settle(budget: string, amount: bigint, now: number, isUsed: boolean): void;
}

interface Settlement {
  readonly time: number;
  /** All that was settled of the budget up to it. */
  readonly total: bigint;
}

interface Budget {
  reserved: bigint;
  readonly settlements: Settlement[];
}

export function createBudgetLedger(): BudgetLedger {
  const budgets = new Map<string, Budget>();
  function budgetNamed(name: string): Budget {
    const known = budgets.get(name);
    if (known !== undefined) return known;
    const budget: Budget = { reserved: 0n, settlements: [] };
    budgets.set(name, budget);
    return budget;
  }
  return {
    standing: (charge, now) => standingOf(charge, budgetNamed(charge.budget), now),
    reserve(name, amount) {
      budgetNamed(name).reserved += amount;
    },
    settle(name, amount, now, isUsed) {
      const budget = budgetNamed(name);
      budget.reserved -= amount;
      if (!isUsed) return;
      const last = budget.settlements.at(-1);
      budget.settlements.push({ time: Math.max(now, last?.time ?? now), total: (last?.total ?? 0n) + amount });
    },
  };
}

function standingOf({ limit, budget, amount }: Charge, { reserved, settlements }: Budget, asked: number): StandingOf {
  const last = settlements.at(-1);
  const now = Math.max(asked, last?.time ?? asked);
  const total = last?.total ?? 0n;
  const first = firstAfter(settlements, cutoff(limit.window, now));
  const gone = settlements[first - 1]?.total ?? 0n;
  const used = total - gone;
  const lacking = used + reserved + amount - limit.max;
  const frees = settlements[first];
  return {
    limit,
    budget,
    amount,
    used,
    reserved,
    freesAt: frees === undefined ? null : leaves(limit.window, frees.time, now),
    fitsAt:
      lacking <= 0n ? now : lacking > used ? null : whenGone(settlements, first, gone + lacking, limit.window, now),
  };
}

/** The time up to which what was settled no longer counts. */
function cutoff(window: LimitWindow, now: number): number {
  switch (window.kind) {
    case 'rolling':
      return now - window.seconds * 1000;
    case 'calendar':
      return periodAt(now, window.unit, window.timeZone).start - 1;
    case 'lifetime':
      return Number.NEGATIVE_INFINITY;
  }
}

function leaves(window: LimitWindow, settledAt: number, now: number): number | null {
  switch (window.kind) {
    case 'rolling':
      return settledAt + window.seconds * 1000;
    case 'calendar':
      return periodAt(now, window.unit, window.timeZone).end;
    case 'lifetime':
      return null;
  }
}

/** When as much as `total` of all that was ever settled has left the window. */
function whenGone(
  settlements: readonly Settlement[],
  from: number,
  total: bigint,
  window: LimitWindow,
  now: number,
): number | null {
  for (let index = from; index < settlements.length; index++) {
    const settled = settlements[index];
    if (settled !== undefined && settled.total >= total) return leaves(window, settled.time, now);
  }
  return null;
}

/** Index of the first settlement after a time. */
function firstAfter(settlements: readonly Settlement[], time: number): number {
  let low = 0;
  let high = settlements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((settlements[middle]?.time ?? 0) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
