// Owns what a soak tells at its end: counts, and how close the run came to each limit.

import { isFinal, type RequestState } from '../../gateway/core/request/request-state.ts';
import { askIndexOf } from './ask.ts';
import { controlCounts } from './control-report.ts';
import { peakOf } from './limit-oracle.ts';
import type { SoakRun } from './soak.ts';
import { usesOf } from './uses.ts';

export function reportOf(run: SoakRun): string {
  const { evidence, disturbances, calls, loadSeconds, settleSeconds } = run;
  const { asks, landings, requests, signatures, chain, limits } = evidence;
  const states = Object.entries(Object.groupBy(requests, ({ state }) => state));
  const overBudget = requests.filter(({ reason }) => reason === 'BUDGET_EXCEEDED').length;
  const failed = landings.filter(({ hasFailed }) => hasFailed).length;
  return [
    `requests    ${asks.length} asked in ${calls.calls} calls, ${calls.repeated} asked again for the same answer, ${calls.unknown} without one`,
    `recorded    ${requests.length}: ${states.map(([state, of]) => `${of?.length ?? 0} ${state}`).join(', ')}`,
    `denied      ${overBudget} for a budget`,
    `signed      ${signatures.length}, ${landings.length} landed, ${failed} of them failed; ${calls.sent} sent by their agents`,
    ...(run.subject === 'stores' ? controlCounts(evidence) : []),
    `disturbed   ${[...disturbances].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
    ...(run.subject === 'relaying' ? relayCounts(evidence) : []),
    `audit       ${chain.kind}, ${chain.kind === 'intact' ? chain.count : 0n} records; ${evidence.deadlocks} deadlocks`,
    ...limits.map((limit) => {
      const peak = peakOf(limit, usesOf(limit, evidence));
      return `limit       ${limit.budget}: at most ${peak} of ${limit.max} in one window (${Number((peak * 1000n) / limit.max) / 10} %)`;
    }),
    `time        ${loadSeconds.toFixed(1)} s of load (${(asks.length / loadSeconds).toFixed(0)} asks/s), ${settleSeconds.toFixed(1)} s until all was decided`,
  ].join('\n');
}

const DEAD: readonly RequestState[] = ['EXPIRED', 'SIGNING_FAILED', 'DENIED'];

/** What must be none, each counted from the chain's own ledger and the record alone. */
function relayCounts({ landings, requests }: SoakRun['evidence']): readonly string[] {
  const landed = new Map(landings.map(({ signature, hasFailed }) => [signature, hasFailed]));
  const executions = Map.groupBy(
    landings.filter(({ hasFailed }) => !hasFailed),
    ({ lamports }) => askIndexOf(lamports),
  );
  const twice = [...executions.values()].filter(({ length }) => length > 1).length;
  const wronglyDead = requests.filter(({ state, signature }) => {
    const hasFailed = landed.get(signature ?? '');
    return DEAD.includes(state) ? hasFailed !== undefined : state === 'FAILED' && hasFailed === false;
  }).length;
  const open = requests.filter(({ state }) => !isFinal(state)).length;
  return [
    `relayed     ${twice} executed twice, ${wronglyDead} reported dead or failed that landed, ${open} not resolved`,
  ];
}
