// Owns the measurement of the whole default library over policy data of many agents: what a decision costs must not hang on how
// many there are.
import { address } from '@solana/kit';
import type { CanonicalValue } from '../gateway/core/canonical-json.ts';
import { localTimes } from '../gateway/core/policy-input/local-time.ts';
import { sampleFacts } from '../gateway/core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../gateway/core/policy-input.ts';
import { buildFiles } from '../gateway/policy/build/build-bundle.ts';
import { readBundle } from '../gateway/policy/bundle/read-bundle.ts';
import { generationOf } from '../gateway/policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../gateway/policy/policy-engine.ts';

const ROUNDS = 20_000;
/** That are not counted: the first evaluations of a policy are slow. */
const FIRST_ROUNDS = 2_000;
const FEW = 100;
const MANY = 10_000;
export const ZONE = 'Europe/Zurich';

export const WALLET = address('Config1111111111111111111111111111111111111');
export const EXCHANGE = address('Stake11111111111111111111111111111111111111');

export interface PolicyDataMeasurement {
  readonly rules: number;
  readonly few: { readonly agents: number; readonly p50Us: number; readonly p99Us: number };
  readonly many: { readonly agents: number; readonly p50Us: number; readonly p99Us: number };
}

/** Every rule of the library for transactions, each with settings that an ordinary payment fits. */
export const SETTINGS = {
  program_allowlist: {
    programs: {
      '11111111111111111111111111111111': { label: 'system', instructions: ['transfer'] },
      ComputeBudget111111111111111111111111111111: { label: 'compute budget', instructions: ['*'] },
    },
  },
  authority_guard: {},
  address_allowlist: { recipients: { [EXCHANGE]: 'exchange' } },
  address_blocklist: { addresses: { Vote111111111111111111111111111111111111111: 'sanctioned' } },
  spending_limit: {
    per_transaction: { SOL: 1_000_000_000n },
    per_window: { SOL: [{ max: 5_000_000_000n, rolling_seconds: 86_400n }] },
  },
  fee_limit: { max_fee_lamports: 100_000n, max_rent_lamports: 4_078_560n },
  human_approval: {
    always: false,
    above: { SOL: 900_000_000n },
    programs: {},
    quorum: 1n,
    groups: ['treasurers'],
    timeout_seconds: 3_600n,
  },
  rate_limit: { per_window: [{ max: 100n, rolling_seconds: 60n }] },
  token_allowlist: { mints: { SOL: 'sol' } },
  time_restriction: {
    time_zone: ZONE,
    windows: [{ weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], from: '00:00', to: '24:00' }],
  },
  simulation_guard: { required: false, min_endpoints: 1n },
  token2022_guard: {},
  slippage_guard: { programs: {} },
} as const satisfies Readonly<Record<string, CanonicalValue>>;

/** Takes about fifteen seconds. Throws when the sample is not allowed. */
export async function measurePolicyData(): Promise<PolicyDataMeasurement> {
  const engines = await Promise.all([FEW, MANY].map(engineWith));
  const [few, many] = engines.map((engine) => measured(engine));
  if (few === undefined || many === undefined) throw new Error('two measurements were wanted');
  return {
    rules: Object.keys(SETTINGS).length,
    few: { agents: FEW, ...few },
    many: { agents: MANY, ...many },
  };
}

async function engineWith(agents: number): Promise<PolicyGeneration> {
  const wallet: CanonicalValue = { enabled: Object.keys(SETTINGS), ...SETTINGS };
  const named = Array.from({ length: agents }, (_, i) => [`agent-${i}`, { wallets: { treasury: wallet } }]);
  const { files } = await buildFiles({ data: { agents: Object.fromEntries(named) } });
  return generationOf(readBundle(files, `${agents} agents`));
}

function measured(engine: PolicyGeneration): { readonly p50Us: number; readonly p99Us: number } {
  const facts = sampleFacts({ agent: 'agent-7', wallet: 'treasury', walletAddress: WALLET, recipient: EXCHANGE });
  const { time } = facts.request;
  const request = { ...facts.request, localTimes: localTimes(time, [ZONE]) };
  const times = new Float64Array(ROUNDS);
  for (let i = -FIRST_ROUNDS; i < ROUNDS; i++) {
    const input = buildPolicyInput({ ...facts, request: { ...request, id: String(i).padStart(36, '0') } });
    const started = performance.now();
    const verdict = engine.evaluate(input);
    if (i >= 0) times[i] = (performance.now() - started) * 1000;
    if (verdict.kind !== 'allow') throw new Error(`the sample was not allowed: ${verdict.reasons[0]?.message}`);
  }
  times.sort();
  return { p50Us: times[ROUNDS / 2] ?? Number.NaN, p99Us: times[Math.floor(ROUNDS * 0.99)] ?? Number.NaN };
}

if (import.meta.main) {
  const { rules, few, many } = await measurePolicyData();
  for (const { agents, p50Us, p99Us } of [few, many]) {
    console.log(`${rules} rules, ${agents} agents: p50 ${p50Us.toFixed(1)} µs, p99 ${p99Us.toFixed(1)} µs`);
  }
}
