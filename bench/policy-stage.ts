// Owns the measurement of the policy stage: building the input of a three-instruction transfer and evaluating it with all rules.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { address } from '@solana/kit';
import { sampleFacts } from '../gateway/core/policy-input/sample-facts.ts';
import { buildPolicyInput, type PolicyFacts } from '../gateway/core/policy-input.ts';
import { buildBundle } from '../gateway/policy/build/build-bundle.ts';
import { PROJECT } from '../gateway/policy/build/opa.ts';
import { openGeneration } from '../gateway/policy/evaluation/open-generation.ts';

const ROUNDS = 20_000;
/** That are not counted: the first evaluations of a policy are slow. */
const FIRST_ROUNDS = 2_000;

export interface PolicyStageMeasurement {
  readonly rounds: number;
  /** Microseconds of the whole stage. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Microseconds of building the input alone; a part of the whole. */
  readonly inputP50Us: number;
}

/** Takes about three seconds; wall-clock, so a busy machine shows in p99. Throws when the sample is not allowed. */
export async function measurePolicyStage(): Promise<PolicyStageMeasurement> {
  const work = await mkdtemp(join(tmpdir(), 'countersign-policy-stage-'));
  try {
    await buildBundle({ dataFile: join(PROJECT, 'policies', 'data', 'example.json'), outDir: join(work, 'bundle') });
    const engine = await openGeneration({ bundleDirectory: join(work, 'bundle') });
    const facts = sampleFacts({
      agent: 'trader',
      wallet: 'treasury',
      walletAddress: address('Config1111111111111111111111111111111111111'),
      recipient: address('Stake11111111111111111111111111111111111111'),
    });
    const stage = measured(facts, (given) => {
      const verdict = engine.evaluate(buildPolicyInput(given));
      if (verdict.kind !== 'allow') throw new Error(`the sample was not allowed: ${verdict.reasons[0]?.message}`);
    });
    const input = measured(facts, (given) => void buildPolicyInput(given));
    return { rounds: ROUNDS, p50Us: at(stage, 0.5), p99Us: at(stage, 0.99), inputP50Us: at(input, 0.5) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Sorted microseconds of each round; each with another request id and time, as in life. */
function measured(facts: PolicyFacts, run: (facts: PolicyFacts) => void): Float64Array {
  const times = new Float64Array(ROUNDS);
  for (let i = -FIRST_ROUNDS; i < ROUNDS; i++) {
    const request = { ...facts.request, id: String(i).padStart(36, '0'), time: facts.request.time + i };
    const started = performance.now();
    run({ ...facts, request });
    if (i >= 0) times[i] = (performance.now() - started) * 1000;
  }
  return times.sort();
}

function at(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

if (import.meta.main) {
  const { rounds, p50Us, p99Us, inputP50Us } = await measurePolicyStage();
  console.log(
    `policy stage, ${rounds} rounds: p50 ${p50Us.toFixed(1)} µs, p99 ${p99Us.toFixed(1)} µs (goal: p99 at most 250 µs)`,
  );
  console.log(`  of which building the input: p50 ${inputP50Us.toFixed(1)} µs`);
}
