// Owns the proof that effects tell what really happens: random transactions are judged, executed on LiteSVM and compared.
import { expect, it } from 'vitest';
import { encodeLegacy, encodeV0, encodeV1 } from './corpus.ts';
import { type Execution, judgeAndExecute } from './execution.ts';
import { unexplained } from './explain.ts';
import { randomPlan } from './random-instructions.ts';
import { type SeededRandom, seededRandom, seedOfRun } from './seeded-random.ts';
import { createWorld, resetWorld, type World } from './world.ts';

const EXECUTIONS = 1_000;
const LEAST_SUCCESSES = 300;
/** Of a legacy or v0 transaction at most. */
const PACKET_BYTES = 1232;
const V1_PREFIX = 0x81;

const random = seededRandom(seedOfRun('effects against execution'));

it('explains every change of lamports, tokens and rights of random transactions', async () => {
  const world = await createWorld(random);
  const succeeded = new Map<string, number>();
  let successes = 0;
  for (let i = 0; i < EXECUTIONS; i++) {
    const execution = await execute(random, world);
    expect(execution.rounds).toBeLessThanOrEqual(2);
    if (execution.error !== null) continue;
    successes++;
    const problems = unexplained(execution, world.wallet);
    if (problems.length > 0) throw new Error(`${problems.join('\n')}\n${tell(execution)}`);
    for (const name of instructionNames(execution)) succeeded.set(name, (succeeded.get(name) ?? 0) + 1);
  }
  console.log(`${successes} of ${EXECUTIONS} transactions succeeded; instructions in them:`);
  console.log(Object.fromEntries([...succeeded].sort()));
  expect(successes).toBeGreaterThan(LEAST_SUCCESSES);
});

async function execute(source: SeededRandom, world: World): Promise<Execution> {
  const plan = await randomPlan(source, world);
  resetWorld(world, plan.created);
  const payer = source.pick([world.wallet, world.wallet, ...world.others]);
  const token = world.svm.latestBlockhash();
  const encode = source.pick([
    () => encodeLegacy(payer, token, plan.instructions),
    () => encodeV0(payer, token, plan.instructions, []),
    () => encodeV1(payer, token, plan.instructions, { computeUnitLimit: 1_400_000, priorityFeeLamports: 17n }),
  ]);
  const wire = encode();
  // A plan that fits no packet is no transaction: draw another one.
  if (wire.length > PACKET_BYTES && wire[0] !== V1_PREFIX) return execute(source, world);
  return judgeAndExecute(world.svm, wire, world.wallet);
}

function instructionNames({ decoded }: Execution): readonly string[] {
  return decoded.instructions.map((i) =>
    i.kind === 'unknown' ? `unknown: ${i.reason}` : `${i.programName} ${i.name}`,
  );
}

function tell({ decoded, effects }: Execution): string {
  const seen = { version: decoded.compiled.version, instructions: decoded.instructions, effects };
  return JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? `${value}n` : value), 1);
}
