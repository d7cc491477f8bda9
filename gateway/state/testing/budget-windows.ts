// Owns the windows of limits as Postgres counts them, for tests that ask its functions at times of their own.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Settlement } from '../../core/budget/charge.ts';
import type { StandingOf } from '../../core/budget/standing.ts';
import type { LimitWindow } from '../../core/decision/decision.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import { createTestDatabase } from './test-database.ts';

/** Times are unix milliseconds. */
export interface BudgetWindows {
  /** The one value that a statement answers. */
  one<T>(sql: string, values: readonly unknown[]): Promise<T>;
  /** `exceeded`: the windows, from 1, that had no room; where there are none, the request has reserved. */
  reserve(
    now: number,
    budget: string,
    windows: readonly LimitWindow[],
    max: bigint,
    amount: bigint,
    settlement?: Settlement,
  ): Promise<{ readonly request: string; readonly exceeded: readonly number[] }>;
  settle(now: number, request: string, state: RequestState): Promise<void>;
  /** When the amount has room by time alone. */
  fitsAt(standing: StandingOf, now: number): Promise<number | null>;
  close(): Promise<void>;
}

export async function openBudgetWindows(): Promise<BudgetWindows> {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // As commit_operations runs them.
  await client.query('SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off');

  async function one<T>(sql: string, values: readonly unknown[]): Promise<T> {
    const { rows } = await client.query({ text: sql, values: [...values], rowMode: 'array' });
    return rows[0]?.[0] as T;
  }

  async function reserve(
    now: number,
    budget: string,
    windows: readonly LimitWindow[],
    max: bigint,
    amount: bigint,
    settlement: Settlement = 'landing',
  ) {
    const request = randomUUID();
    const parts = windows.map(columns);
    const each = <T>(value: T) => windows.map(() => value);
    await client.query('SELECT lock_budgets($1, $2, $2)', [[budget], []]);
    const exceeded = await one<number[]>(
      'SELECT exceeded_window FROM reserve($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)',
      [
        now,
        [budget],
        each(1),
        parts.map(([seconds]) => seconds),
        parts.map(([, unit]) => unit),
        parts.map(([, , zone]) => zone),
        each(max.toString()),
        each(request),
        windows.map((_, index) => index + 1),
        each(amount.toString()),
        [request],
        [1],
        [amount.toString()],
        [settlement],
        [],
      ],
    );
    return { request, exceeded };
  }

  async function settle(now: number, request: string, state: RequestState): Promise<void> {
    await client.query('SELECT settle($1, $2, $3)', [now, [request], [state]]);
  }

  async function fitsAt({ limit, budget, amount, reserved }: StandingOf, now: number): Promise<number | null> {
    const told = await one<string | null>(
      `SELECT (CASE WHEN w.lacking <= w.used THEN leaves_window(w.budget_id, w.settled - w.used + w.lacking, $2, $3, $4, $5, true) END)::text
         FROM (SELECT *, used + $6::numeric + $7::numeric - $8::numeric AS lacking
                 FROM (SELECT budget_id, settled, settled_within(budget_id, settled, window_cutoff($2, $3, $4, $5)) AS used
                         FROM budgets WHERE name = $1) b) w`,
      [budget, now, ...columns(limit.window), String(reserved), String(amount), String(limit.max)],
    );
    return told === null ? null : Number(told);
  }

  return {
    one,
    reserve,
    settle,
    fitsAt,
    async close() {
      await client.end();
      await database.drop();
    },
  };
}

function columns(window: LimitWindow): readonly [string | null, string | null, string | null] {
  const seconds = window.kind === 'rolling' ? String(window.seconds) : null;
  return window.kind === 'calendar' ? [null, window.unit, window.timeZone] : [seconds, null, null];
}
