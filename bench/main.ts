// Owns `make bench`: what is measured, against what, and how it is printed. Ratios hold within one run; single figures hang on the machine.
import { type BacktestMeasurement, measureBacktest } from './backtest.ts';
import { type BudgetMeasurement, measureBudgets } from './budgets.ts';
import { type DecodeMeasurement, measureDecode } from './decode.ts';
import { measureRoad, type RoadMeasurement } from './gateway-load.ts';
import { type IdlMeasurement, measureIdls } from './idl.ts';
import { type Limited, type LimitedLoad, measureLimitedLoad } from './limited-load.ts';
import { measurePolicyData, type PolicyDataMeasurement } from './policy-data.ts';
import { measurePolicyStage } from './policy-stage.ts';
import { measureRoundTrips, reportRoundTrips } from './round-trips.ts';
import { measureSigners, type SignersMeasurement } from './signers.ts';
import { measureSponsor, type SponsorMeasurement } from './sponsor.ts';
import type { StageTime } from './stage-times.ts';
import { measureSwaps, type SwapMeasurement } from './swap.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const ROUNDS = 3;

/** Goals of the project; a miss is printed, and the exit code says so. */
const GOAL_SHARE_OF_ECHO = 0.12;
const GOAL_P50_MS = 2.5;
const GOAL_POLICY_P99_US = 250;
const GOAL_POLICY_P50_US = 60;
/** What 10,000 agents may cost more than 100. */
const GOAL_MANY_AGENTS = 1.2;
/** What three limits may add to the time of a signature, and 100,000 transfers in a window to that of a reservation. */
const GOAL_THREE_LIMITS = 1.15;
const GOAL_HISTORY = 1.1;
const GOAL_HOT_PER_SECOND = 1_500;
const GOAL_SWAP_P99 = 2;
const GOAL_SWAP_MS = 1_000;
const GOAL_PARSED_PER_SECOND = 60_000;
const GOAL_DECODED_US = 25;
const GOAL_DESCRIBED_US = 60;
const GOAL_BACKTEST_PER_SECOND = 10_000;
const GOAL_LOCAL_SIGNATURE_US = 200;
/** What the guard may add to a backend of 50 ms at 200 in flight, and a slow backend to the time of another one. */
const GOAL_GUARD_MS = 2;
const GOAL_BESIDE_SLOW_MS = 2;
/** Of the rate where the wallet pays its fees itself. */
const GOAL_SPONSORED_SHARE = 0.7;
/** What the collector leaves behind between two counts. */
const GOAL_HEAP_MEBIBYTES = 2;

/** By name, for `node --expose-gc bench/main.ts swap`; all of them without a name. Each says whether its goals are met. */
const PARTS: Readonly<Record<string, () => Promise<boolean>>> = {
  decode: async () => reportDecode(measureDecode()),
  idls: async () => reportIdls(measureIdls()),
  library: async () => reportLibrary(await measurePolicyData()),
  backtest: async () => reportBacktest(await measureBacktest()),
  road: async () => {
    const { p99Us } = await measurePolicyStage();
    return reportRoad(await measureRoad(SECONDS, ROUNDS), p99Us);
  },
  budgets: async () => reportBudgets(await measureBudgets(), await measureLimitedLoad(SECONDS)),
  swap: async () => reportSwap(await measureSwaps()),
  sponsor: async () => reportSponsor(await measureSponsor(SECONDS)),
  signers: async () => reportSigners(await measureSigners(SECONDS)),
  trips: async () => reportRoundTrips(await measureRoundTrips(), print),
};

const named = process.argv.slice(2);
for (const name of named.length === 0 ? Object.keys(PARTS) : named) {
  const measured = PARTS[name];
  if (measured === undefined) throw new Error(`there is no part ${name}; there are ${Object.keys(PARTS).join(', ')}`);
  if (!(await measured())) process.exitCode = 1;
}

function reportRoad(measured: RoadMeasurement, policyP99: number): boolean {
  const { echo, gateway, oneAtATime, stages, requestBytes, answerBytes, signed, lost } = measured;
  const share = gateway.callsPerSecond / echo.callsPerSecond;
  print(
    `SignTransaction, durable record, 64 in flight, one gateway process (median of ${ROUNDS} rounds of ${SECONDS} s)`,
  );
  print(
    `  bare grpc-js echo   ${whole(echo.callsPerSecond)} calls/s   p50 ${ms(echo.p50Ms)}   p99 ${ms(echo.p99Ms)}   ${requestBytes} bytes in, ${answerBytes} out`,
  );
  print(
    `  gateway             ${whole(gateway.callsPerSecond)} calls/s   p50 ${ms(gateway.p50Ms)}   p99 ${ms(gateway.p99Ms)}`,
  );
  const goals = [
    goal('share of the echo', share, GOAL_SHARE_OF_ECHO, (v) => `${(v * 100).toFixed(1)} %`, 'at least'),
    goal('p50 one at a time', oneAtATime.p50Ms, GOAL_P50_MS, ms, 'at most'),
    goal('policy stage p99', policyP99, GOAL_POLICY_P99_US, (v) => `${v.toFixed(0)} µs`, 'at most'),
    goal('answered signatures without a record', lost, 0, (v) => `${v} of ${signed}`, 'at most'),
  ];
  print('stages, mean per request under that load (waiting included)');
  printTimes(stages);
  return goals.every((met) => met);
}

function reportDecode({ parsedPerSecond, decodedMedianUs, heapGrowthMebibytes }: DecodeMeasurement): boolean {
  print('the core alone: a v0 transaction of three instructions, from wire bytes');
  const goals = [
    goal('parsed, all keys in base58', parsedPerSecond, GOAL_PARSED_PER_SECOND, (v) => `${v.toFixed(0)}/s`, 'at least'),
    goal('decoded, effects computed, median', decodedMedianUs, GOAL_DECODED_US, (v) => `${v.toFixed(1)} µs`, 'at most'),
    goal(
      'heap after 10^6 distinct ones',
      heapGrowthMebibytes,
      GOAL_HEAP_MEBIBYTES,
      (v) => `${v.toFixed(1)} MiB more`,
      'at most',
    ),
  ];
  return goals.every((met) => met);
}

function reportIdls({ largest, firstMeetingUs, routeMedianUs }: IdlMeasurement): boolean {
  const { instructions, bytes, loadMs } = largest;
  print(`IDLs: one of ${instructions} instructions (${bytes} bytes) is loaded in ${loadMs.toFixed(1)} ms,`);
  print(`  and costs ${firstMeetingUs.toFixed(0)} µs when the first of them is met`);
  const us = (v: number) => `${v.toFixed(1)} µs`;
  return goal('a swap by IDL, three instructions, median', routeMedianUs, GOAL_DESCRIBED_US, us, 'at most');
}

function reportSponsor({ own, sponsored, unanswered }: SponsorMeasurement): boolean {
  print(
    `fees paid by the wallet ${whole(own)}/s, by the gateway's own fee payer ${whole(sponsored)}/s (median of 3 rounds)`,
  );
  const percent = (v: number) => `${(v * 100).toFixed(0)} %`;
  const goals = [
    goal('rate with a sponsor, of that without', sponsored / own, GOAL_SPONSORED_SHARE, percent, 'at least'),
    goal('calls that got no signature', unanswered, 0, (v) => `${v}`, 'at most'),
  ];
  return goals.every((met) => met);
}

function reportSigners(measured: SignersMeasurement): boolean {
  const { localUs, bareP99Ms, guardedP99Ms, aloneP99Ms, besideSlowP99Ms, turnedAway } = measured;
  print(`a backend of 50 ms at 200 in flight: p99 ${ms(bareP99Ms)} without the guard, ${ms(guardedP99Ms)} with it`);
  print(
    `one of 5 ms: p99 ${ms(aloneP99Ms)} alone, ${ms(besideSlowP99Ms)} beside one of 2 s that turned ${turnedAway} calls away`,
  );
  const goals = [
    goal('local: sign and verify, median', localUs, GOAL_LOCAL_SIGNATURE_US, (v) => `${v.toFixed(0)} µs`, 'at most'),
    goal('what the guard adds, p99', guardedP99Ms - bareP99Ms, GOAL_GUARD_MS, ms, 'at most'),
    goal('what a slow backend adds to another, p99', besideSlowP99Ms - aloneP99Ms, GOAL_BESIDE_SLOW_MS, ms, 'at most'),
  ];
  return goals.every((met) => met);
}

function reportLibrary({ rules, few, many }: PolicyDataMeasurement): boolean {
  print(`the policy alone: ${rules} rules of the library on an ordinary payment`);
  const us = (v: number) => `${v.toFixed(1)} µs`;
  const goals = [
    goal(`median, ${few.agents} agents`, few.p50Us, GOAL_POLICY_P50_US, us, 'at most'),
    goal(`p99, ${few.agents} agents`, few.p99Us, GOAL_POLICY_P99_US, us, 'at most'),
    goal(
      `median of ${many.agents} agents against that`,
      many.p50Us / few.p50Us,
      GOAL_MANY_AGENTS,
      (v) => `${v.toFixed(2)} ×`,
      'at most',
    ),
  ];
  return goals.every((met) => met);
}

function reportBacktest([ordinary, all]: readonly [BacktestMeasurement, BacktestMeasurement]): boolean {
  const { rules, decisions, newlyDenied, perSecond } = ordinary;
  const rate = (v: number) => `${v.toFixed(0)}/s`;
  print(`a backtest of ${decisions} recorded decisions on one core, ${newlyDenied} of them newly denied`);
  print(`  by all ${all.rules} rules: ${rate(all.perSecond)}`);
  return goal(`by the ${rules} rules of an ordinary wallet`, perSecond, GOAL_BACKTEST_PER_SECOND, rate, 'at least');
}

function reportBudgets({ pairsPerSecond: pairs, openP50 }: BudgetMeasurement, signed: LimitedLoad): boolean {
  const times = (v: number) => `${v.toFixed(2)} ×`;
  const rate = (v: number) => `${v.toFixed(0)}/s`;
  print('limits over time: what reserving costs');
  print(`  in the record alone, opened and signed, 64 in flight: ${rate(pairs.none)} without limits`);
  print(`    with three limits of 16 agents each ${rate(pairs.three)}, with one of all ${rate(pairs.hot)}`);
  print('  SignTransaction by one gateway process, without limits, with three, with one of all');
  const { none, three, hot } = signed;
  const row = (what: string, text: (limited: Limited) => string): void =>
    print(`    ${what.padEnd(16)}${[none, three, hot].map(text).join('   ')}`);
  row('one at a time', ({ aloneMs }) => ms(aloneMs));
  row('64 in flight', ({ few }) => rate(few));
  row('256 in flight', ({ many }) => rate(many));
  const goals = [
    goal('a signature with three limits, alone', three.aloneMs / none.aloneMs, GOAL_THREE_LIMITS, times, 'at most'),
    goal('the same with 64 in flight', none.few / three.few, GOAL_THREE_LIMITS, times, 'at most'),
    goal('the same with 256 in flight', none.many / three.many, GOAL_THREE_LIMITS, times, 'at most'),
    goal('one limit that all share, 256 in flight', hot.many, GOAL_HOT_PER_SECOND, rate, 'at least'),
    goal('an open with 100,000 transfers in its windows', openP50.full / openP50.fresh, GOAL_HISTORY, times, 'at most'),
    goal('calls without a signature', signed.unanswered, 0, String, 'at most'),
  ];
  return goals.every((met) => met);
}

function reportSwap({ swaps, unanswered, slowestMs, p99Ms, p99AroundMs, steps }: SwapMeasurement): boolean {
  print(`policy bundles replaced under that load, ${swaps} times (p99 apart from them ${ms(p99Ms)})`);
  const goals = [
    goal('calls without a signature', unanswered, 0, String, 'at most'),
    goal('p99 around a swap', p99AroundMs / p99Ms, GOAL_SWAP_P99, (v) => `${v.toFixed(2)} ×`, 'at most'),
    goal('published until it decides, other data, longest', slowestMs.data, GOAL_SWAP_MS, ms, 'at most'),
    goal('published until it decides, other Rego, longest', slowestMs.rego, GOAL_SWAP_MS, ms, 'at most'),
  ];
  print('steps of an activation, mean');
  printTimes(steps);
  return goals.every((met) => met);
}

function goal(
  name: string,
  value: number,
  bound: number,
  shown: (value: number) => string,
  direction: 'at least' | 'at most',
): boolean {
  const met = direction === 'at least' ? value >= bound : value <= bound;
  print(`  ${met ? '✔' : '✘'} ${name}: ${shown(value)} (goal: ${direction} ${shown(bound)})`);
  return met;
}

function printTimes(times: readonly StageTime[]): void {
  for (const { stage, meanMicroseconds, calls } of times) {
    print(`  ${stage.padEnd(18)} ${meanMicroseconds.toFixed(0).padStart(8)} µs   × ${calls}`);
  }
}

function whole(value: number): string {
  return value.toFixed(0).padStart(6);
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
