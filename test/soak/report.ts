// Owns what a soak tells at its end: counts, and how close the run came to each limit.
import { peakOf, usesOf } from './limit-oracle.ts';
import type { SoakRun } from './soak.ts';

export function reportOf({ evidence, disturbances, calls, loadSeconds, settleSeconds }: SoakRun): string {
  const { asks, landings, requests, signatures, chain, limits } = evidence;
  const states = Object.entries(Object.groupBy(requests, ({ state }) => state));
  const overBudget = requests.filter(({ reason }) => reason === 'BUDGET_EXCEEDED').length;
  const failed = landings.filter(({ hasFailed }) => hasFailed).length;
  return [
    `requests    ${asks.length} asked in ${calls.calls} calls, ${calls.repeated} asked again for the same answer, ${calls.unknown} without one`,
    `recorded    ${requests.length}: ${states.map(([state, of]) => `${of?.length ?? 0} ${state}`).join(', ')}`,
    `denied      ${overBudget} for a budget`,
    `signed      ${signatures.length}, ${landings.length} landed, ${failed} of them failed; ${calls.sent} sent by their agents`,
    `disturbed   ${disturbances.kill} gateways killed and restarted, ${disturbances.crash_postgres} crashes of Postgres, ${disturbances.flush_redis} flushes and ${disturbances.kill_redis} deaths of Redis, ${disturbances.cut} connections cut, ${disturbances.delay} slow, ${disturbances.lose_answers} lost answers`,
    `audit       ${chain.kind}, ${chain.kind === 'intact' ? chain.count : 0n} records; ${evidence.deadlocks} deadlocks`,
    ...limits.map((limit) => {
      const peak = peakOf(limit, usesOf(limit, evidence));
      return `limit       ${limit.budget}: at most ${peak} of ${limit.max} in one window (${Number((peak * 1000n) / limit.max) / 10} %)`;
    }),
    `time        ${loadSeconds.toFixed(1)} s of load (${(asks.length / loadSeconds).toFixed(0)} asks/s), ${settleSeconds.toFixed(1)} s until all was decided`,
  ].join('\n');
}
