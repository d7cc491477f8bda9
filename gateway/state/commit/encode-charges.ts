// Owns how the charges of a batch become parameters of commit_operations: each budget and each window once, however many charge it.
import type { Charge } from '../../core/budget/charge.ts';
import { isLetExceed } from '../../core/budget/let-exceed.ts';
import type { Limit } from '../../core/decision/decision.ts';
import { int4Array, int8Array, textArray } from '../sql/binary-array.ts';
import { limitJson } from '../sql/decision-json.ts';
import type { KnownLimits } from './known-limits.ts';
import { type Operation, operationJudgement, operationRequestId, operationTerms } from './operation.ts';

/** A bound of one budget. Position counts from 1, as in Postgres. */
interface Window {
  readonly budget: number;
  readonly limit: Limit;
}

interface Check {
  readonly requestId: string;
  readonly window: number;
  /** By which it asks for room there. */
  readonly limitIds: string[];
  readonly amount: bigint;
}

interface Hold {
  readonly requestId: string;
  readonly budget: number;
  readonly charge: Charge;
}

/** A limit as the policy states it, to be written down for people who ask. */
interface Definition {
  /** As it is known by once it is written. */
  readonly name: string;
  readonly budget: number;
  readonly limit: Limit;
  readonly bundleRevision: string;
}

export interface ChargedBatch {
  /** Names of the budgets. */
  readonly budgets: readonly string[];
  readonly windows: readonly Window[];
  /** In the order in which the requests came. */
  readonly checks: readonly Check[];
  readonly holds: readonly Hold[];
  readonly definitions: readonly Definition[];
}

export function chargedBatch(operations: readonly Operation[], known: KnownLimits): ChargedBatch {
  const budgets = new Numbered<string>();
  const windows = new Numbered<Window>();
  const checks: Check[] = [];
  const holds: Hold[] = [];
  const definitions = new Map<string, Definition>();
  const nameOf = limitNames();
  for (const operation of operations) {
    const requestId = operationRequestId(operation);
    const terms = operationTerms(operation);
    if (requestId === null || terms === null || terms.charges.length === 0) continue;
    const bundleRevision = operationJudgement(operation)?.decision.bundleRevision ?? '';
    const checked = new Map<number, Check>();
    const held = new Map<number, Hold>();
    for (const charge of terms.charges) {
      const { limit, amount } = charge;
      const names = nameOf(limit);
      const budget = budgets.numberOf(charge.budget, charge.budget);
      held.set(budget, { requestId, budget, charge });
      if (!isLetExceed(limit, terms.excess)) {
        const window = windows.numberOf(`${budget} ${names.bound}`, { budget, limit });
        const check = checked.get(window);
        if (check === undefined) checked.set(window, { requestId, window, limitIds: [limit.id], amount });
        else check.limitIds.push(limit.id);
      }
      const name = `${charge.budget} ${names.statement} ${bundleRevision}`;
      if (!known.has(name)) definitions.set(`${budget} ${limit.id}`, { name, budget, limit, bundleRevision });
    }
    checks.push(...checked.values());
    holds.push(...held.values());
  }
  return { budgets: budgets.values, windows: windows.values, checks, holds, definitions: [...definitions.values()] };
}

/** Ids of the limits by which a request asked for room in this window. */
export function limitsOfWindow(batch: ChargedBatch, requestId: string, window: number): readonly string[] {
  return batch.checks.find((check) => check.requestId === requestId && check.window === window)?.limitIds ?? [];
}

export function encodeCharges({ budgets, windows, checks, holds, definitions }: ChargedBatch): readonly Buffer[] {
  return [
    textArray(budgets),
    int4Array(windows.map((each) => each.budget)),
    int8Array(windows.map(({ limit: { window } }) => (window.kind === 'rolling' ? window.seconds : null))),
    textArray(windows.map(({ limit: { window } }) => (window.kind === 'calendar' ? window.unit : null))),
    textArray(windows.map(({ limit: { window } }) => (window.kind === 'calendar' ? window.timeZone : null))),
    textArray(windows.map(({ limit }) => limit.max.toString())),
    textArray(checks.map((each) => each.requestId)),
    int4Array(checks.map((each) => each.window)),
    textArray(checks.map((each) => each.amount.toString())),
    textArray(holds.map((each) => each.requestId)),
    int4Array(holds.map((each) => each.budget)),
    textArray(holds.map(({ charge }) => charge.amount.toString())),
    textArray(holds.map(({ charge }) => charge.settlement)),
    int4Array(definitions.map((each) => each.budget)),
    textArray(definitions.map(({ limit }) => limit.id)),
    textArray(definitions.map(({ limit }) => limitJson(limit))),
    textArray(definitions.map((each) => each.bundleRevision)),
  ];
}

interface LimitNames {
  /** The same for the same bound, by whatever id: it must be looked up once. */
  readonly bound: string;
  readonly statement: string;
}

/** Most requests of a batch have their limits from the same few verdicts: each limit is named once. */
function limitNames(): (limit: Limit) => LimitNames {
  const known = new Map<Limit, LimitNames>();
  return (limit) => {
    const found = known.get(limit);
    if (found !== undefined) return found;
    const { id, window, max } = limit;
    const names = { bound: `${JSON.stringify(window)} ${max}`, statement: `${id} ${max}` };
    known.set(limit, names);
    return names;
  };
}

/** Values by name, numbered from 1 in the order in which they came first. */
class Numbered<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(name: string, value: T): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.values.push(value);
    this.#numbers.set(name, this.values.length);
    return this.values.length;
  }
}
