// Owns the measurement of a backtest: recorded decisions of a file are judged by another bundle, as `countersign policy backtest` does it,
// on one core.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadCpuUsage } from 'node:process';
import { createBacktest } from '../gateway/authoring/backtest/backtest.ts';
import { decisionsInFile } from '../gateway/authoring/backtest/decision-file.ts';
import type { CanonicalValue } from '../gateway/core/canonical-json.ts';
import { localTimes } from '../gateway/core/policy-input/local-time.ts';
import { sampleFacts } from '../gateway/core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../gateway/core/policy-input.ts';
import { buildFiles } from '../gateway/policy/build/build-bundle.ts';
import { readBundle } from '../gateway/policy/bundle/read-bundle.ts';
import { decisionLine } from '../gateway/policy/decision-log/decision-line.ts';
import { generationOf } from '../gateway/policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../gateway/policy/policy-engine.ts';
import { EXCHANGE, SETTINGS, WALLET, ZONE } from './policy-data.ts';

const DECISIONS = 5_000;
const ROUNDS = 3;
const AGENTS = 10;
const SAMPLES = 10;
/** So that no agent comes near its limits over time. */
const APART_MS = 1_000;
/** What no wallet does without, and approval; and all there are, some of which limit over time. */
const ORDINARY = [
  'program_allowlist',
  'authority_guard',
  'address_allowlist',
  'spending_limit',
  'fee_limit',
  'human_approval',
];
const ALL = Object.keys(SETTINGS);

export interface BacktestMeasurement {
  readonly rules: number;
  /** Of one round; those of one agent out of ten are judged otherwise. */
  readonly decisions: number;
  readonly newlyDenied: number;
  /** By the time that the thread worked; the median of the rounds. */
  readonly perSecond: number;
}

/** Of wallets with the ordinary rules, and of wallets with all of them. Takes about five seconds. */
export async function measureBacktest(): Promise<readonly [BacktestMeasurement, BacktestMeasurement]> {
  return [await measure(ORDINARY), await measure(ALL)];
}

async function measure(rules: readonly string[]): Promise<BacktestMeasurement> {
  const [before, after] = await Promise.all([engineWith(rules, 1_000_000_000n), engineWith(rules, 1n)]);
  const folder = await mkdtemp(join(tmpdir(), 'countersign-backtest-'));
  try {
    const file = join(folder, 'decisions.ndjson');
    await writeFile(file, recorded(before).join(''));
    const speeds: number[] = [];
    let newlyDenied = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const started = worked();
      const backtest = createBacktest({ evaluate: after.evaluate, assets: new Map() }, SAMPLES);
      for await (const decision of decisionsInFile(file)) backtest.add(decision);
      const { judged, tallies } = backtest.result();
      speeds.push((judged / (worked() - started)) * 1_000_000);
      newlyDenied = tallies.newly_denied.decisions;
    }
    const perSecond = speeds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    return { rules: rules.length, decisions: DECISIONS, newlyDenied, perSecond };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Microseconds of processor time of this thread. */
function worked(): number {
  const { user, system } = threadCpuUsage();
  return user + system;
}

/** `most`: lamports that the first agent may send in a transaction. */
async function engineWith(rules: readonly string[], most: bigint): Promise<PolicyGeneration> {
  const settings = Object.fromEntries(Object.entries(SETTINGS).filter(([rule]) => rules.includes(rule)));
  const overTime = rules === ALL ? SETTINGS.spending_limit : {};
  const agents: [string, CanonicalValue][] = Array.from({ length: AGENTS }, (_, i) => {
    const limit = { ...overTime, per_transaction: { SOL: i === 0 ? most : 1_000_000_000n } };
    return [`agent-${i}`, { wallets: { treasury: { ...settings, enabled: [...rules], spending_limit: limit } } }];
  });
  const { files } = await buildFiles({ data: { agents: Object.fromEntries(agents) } });
  return generationOf(readBundle(files, `at most ${most}`));
}

/** Lines of a decision log: no two of the same request and time. */
function recorded(policy: PolicyGeneration): readonly string[] {
  const facts = Array.from({ length: AGENTS }, (_, i) =>
    sampleFacts({ agent: `agent-${i}`, wallet: 'treasury', walletAddress: WALLET, recipient: EXCHANGE }),
  );
  return Array.from({ length: DECISIONS }, (_, i) => {
    const of = facts[i % AGENTS];
    if (of === undefined) throw new Error('there are as many facts as agents');
    const requestId = String(i).padStart(36, '0');
    const time = of.request.time + i * APART_MS;
    const request = { ...of.request, id: requestId, time, localTimes: localTimes(time, [ZONE]) };
    const input = buildPolicyInput({ ...of, request });
    const verdict = policy.evaluate(input);
    const { bundleRevision } = policy;
    const agentId = of.agent.id;
    return decisionLine({
      requestId,
      decisionId: requestId,
      agentId,
      walletId: 'treasury',
      time,
      bundleRevision,
      verdict,
      input,
    });
  });
}
