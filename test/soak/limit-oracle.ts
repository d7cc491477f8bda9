// Owns the check of limits against what the chain says: no window, wherever it begins, holds more, and the books are right.
import type { Evidence } from './evidence.ts';
import { checkExcess } from './excess-oracle.ts';
import type { SoakLimit } from './limits.ts';
import { type Use, usesOf } from './uses.ts';

/** Requests that the limits must have stopped, in percent: a run that never meets them proves nothing. */
const LEAST_DENIED = 5;

export function checkLimits(evidence: Evidence): readonly string[] {
  const { limits, requests } = evidence;
  const denied = requests.filter(({ reason }) => reason === 'BUDGET_EXCEEDED').length;
  const isToMeet = limits.some(({ mustReach }) => mustReach > 0);
  const tooFew = isToMeet && denied * 100 < requests.length * LEAST_DENIED;
  return [
    ...(tooFew ? [`no more than ${denied} of ${requests.length} requests met a limit: the run proves nothing`] : []),
    ...limits.flatMap((limit) => {
      const uses = usesOf(limit, evidence);
      const broken = limit.excess === 'denied' ? checkWindows(limit, uses) : checkExcess(limit, evidence);
      return [...broken, ...checkBooks(limit, uses, evidence)];
    }),
  ];
}

/** The most that one window held. */
export function peakOf({ window }: Pick<SoakLimit, 'window'>, uses: readonly Use[]): bigint {
  switch (window.kind) {
    case 'lifetime':
      return sum(uses);
    case 'day':
      return largest([...Map.groupBy(uses, ({ day }) => day).values()].map(sum));
    case 'rolling':
      return rollingPeak(uses, window.seconds * 1000);
  }
}

/** Every window that holds most ends with a use. Both ends of its length are not within it together. */
function rollingPeak(uses: readonly Use[], milliseconds: number): bigint {
  const sorted = uses.toSorted((a, b) => a.time - b.time);
  let first = 0;
  let within = 0n;
  let peak = 0n;
  for (const { time, amount } of sorted) {
    within += amount;
    for (
      let oldest = sorted[first];
      oldest !== undefined && oldest.time <= time - milliseconds;
      oldest = sorted[first]
    ) {
      within -= oldest.amount;
      first++;
    }
    if (within > peak) peak = within;
  }
  return peak;
}

function checkWindows(limit: SoakLimit, uses: readonly Use[]): readonly string[] {
  const { budget, max, mustReach } = limit;
  const peak = peakOf(limit, uses);
  if (peak > max) return [`${budget}: ${peak} within one window, and ${max} is the most`];
  if (peak * 100n < max * BigInt(mustReach))
    return [`${budget}: never more than ${peak} of ${max}: the run proves nothing`];
  return [];
}

/** With nothing under way any more, nothing is reserved, and what is settled is what the chain says. */
function checkBooks({ budget }: SoakLimit, uses: readonly Use[], { budgets }: Evidence): readonly string[] {
  const used = sum(uses);
  const book = budgets.find(({ name }) => name === budget);
  if (book === undefined) return [`${budget}: there is no such budget`];
  const { reserved, open, settled } = book;
  return [
    ...(reserved === 0n && open === 0n
      ? []
      : [`${budget}: ${reserved} reserved and ${open} open, though all is decided`]),
    ...(settled === used ? [] : [`${budget}: ${settled} settled, and ${used} used`]),
  ];
}

function sum(uses: readonly Use[]): bigint {
  return uses.reduce((total, { amount }) => total + amount, 0n);
}

function largest(amounts: readonly bigint[]): bigint {
  return amounts.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
}
