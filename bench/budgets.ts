// Owns the measurement of limits over time in the record: what reserving costs a durable commit, with and without history.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Charge, Settlement } from '../gateway/core/budget/charge.ts';
import type { Limit } from '../gateway/core/decision/decision.ts';
import type { State } from '../gateway/state/contract/state.ts';
import { startEmbeddedPostgres } from '../gateway/state/embedded/embedded-postgres.ts';
import { openState } from '../gateway/state/open-state.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../gateway/state/testing/sample-request.ts';
import { quantile } from './load.ts';

export interface BudgetMeasurement {
  /** Requests a second that were opened and then signed, 64 in flight: charging nothing, three limits of their own, one limit of all. */
  readonly pairsPerSecond: Readonly<Record<Kind, number>>;
  /** Milliseconds of an open one at a time that reserves three limits: without history, and with 100,000 transfers in their windows. */
  readonly openP50: { readonly fresh: number; readonly full: number };
}

type Kind = 'none' | 'three' | 'hot';

const IN_FLIGHT = 64;
const ROUNDS = 7;
const PAIRS = 3_000;
const SINGLES = 300;
const HISTORY = 100_000;
const DAY_SECONDS = 86_400;

/** In short rounds that take turns, so that a slow moment of the machine meets all; the median of each. */
export async function measureBudgets(): Promise<BudgetMeasurement> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: directory });
  try {
    const state = await openState({ databaseUrl: postgres.url, instanceId: 'bench' });
    const rates: Record<Kind, number[]> = { none: [], three: [], hot: [] };
    for (let round = -1; round < ROUNDS; round++) {
      for (const kind of ['none', 'three', 'hot'] as const) {
        const rate = await pairsPerSecond(state, kind);
        if (round >= 0) rates[kind].push(rate);
      }
    }
    const openP50 = await measureHistory(state, postgres.url);
    await state.close();
    const median = (kind: Kind) => quantile(rates[kind], 0.5);
    return { pairsPerSecond: { none: median('none'), three: median('three'), hot: median('hot') }, openP50 };
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function pairsPerSecond(state: State, kind: Kind): Promise<number> {
  const started = performance.now();
  let left = PAIRS;
  async function worker(_: unknown, index: number): Promise<void> {
    const charges = chargesOf(kind, index);
    while (left-- > 0) await runPair(state, charges);
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return PAIRS / ((performance.now() - started) / 1000);
}

/** As of 16 agents, each with limits of a transfer's amount, its fee and how often it signs. */
function chargesOf(kind: Kind, worker: number): readonly Charge[] {
  switch (kind) {
    case 'none':
      return [];
    case 'three':
      return threeLimits(`agent_wallet:agent-${worker % 16}:treasury`);
    case 'hot':
      return [charge('global|count', 'signature', DAY_SECONDS)];
  }
}

function threeLimits(whose: string): readonly Charge[] {
  return [
    charge(`${whose}|outflow:SOL`, 'landing', DAY_SECONDS),
    charge(`${whose}|fee`, 'fee', 3600),
    charge(`${whose}|count`, 'signature', 60),
  ];
}

function charge(budget: string, settlement: Settlement, seconds: number): Charge {
  const limit: Limit = {
    id: budget,
    scope: 'agent_wallet',
    measure: { kind: 'count' },
    window: { kind: 'rolling', seconds },
    max: 2n ** 64n,
    onExceed: { kind: 'deny' },
  };
  return { limit, budget, amount: 5_000n, settlement };
}

async function runPair(state: State, charges: readonly Charge[]): Promise<void> {
  const { requestId } = await open(state, charges);
  await state.requests.advance(sampleSigned(requestId), sampleEntry('request.signed', requestId));
}

async function open(state: State, charges: readonly Charge[]) {
  const request = sampleRequest({ terms: { charges, excess: [], controls: 1n } });
  const { kind } = await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  if (kind !== 'opened') throw new Error(`a request of the benchmark was not opened, but ${kind}`);
  return request;
}

async function measureHistory(state: State, databaseUrl: string): Promise<BudgetMeasurement['openP50']> {
  const budgets = {
    fresh: threeLimits('agent_wallet:fresh:treasury'),
    full: threeLimits('agent_wallet:full:treasury'),
  };
  for (const charges of Object.values(budgets)) await open(state, charges);
  await writeHistory(
    databaseUrl,
    budgets.full.map(({ budget }) => budget),
  );
  const times = { fresh: [] as number[], full: [] as number[] };
  for (let i = 0; i < SINGLES; i++) {
    for (const kind of i % 2 === 0 ? (['fresh', 'full'] as const) : (['full', 'fresh'] as const)) {
      const started = performance.now();
      await open(state, budgets[kind]);
      times[kind].push(performance.now() - started);
    }
  }
  return { fresh: quantile(times.fresh, 0.5), full: quantile(times.full, 0.5) };
}

/** So many settled transfers in each window, the last a moment ago. */
async function writeHistory(databaseUrl: string, budgets: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO settlements (budget_id, time_ms, settled)
       SELECT b.budget_id, clock_ms() - (b.seconds * 1000 * (1 - n::numeric / ${HISTORY + 1}))::bigint, n * 5000
         FROM (SELECT budget_id, CASE WHEN name LIKE '%fee' THEN 3600 WHEN name LIKE '%count' THEN 60 ELSE ${DAY_SECONDS} END AS seconds
                 FROM budgets WHERE name = ANY ($1)) b,
           generate_series(1, ${HISTORY}) AS n`,
    [budgets],
  );
  await client.query(
    `UPDATE budgets b SET settled = s.settled, settled_at_ms = s.time_ms
       FROM (SELECT budget_id, max(settled) AS settled, max(time_ms) AS time_ms FROM settlements GROUP BY budget_id) s
       WHERE b.budget_id = s.budget_id AND b.name = ANY ($1)`,
    [budgets],
  );
  await client.query('VACUUM ANALYZE settlements');
  await client.end();
}

if (import.meta.main) console.log(await measureBudgets());
