// Proves that a simulation agrees with the effects of the message where the message tells all, and that the same instructions called
// by a program that nobody knows show the same effects.
import type { Instruction } from '@solana/kit';
import { expect, it } from 'vitest';
import { computeEffects } from '../../gateway/core/effects/compute-effects.ts';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { COMPUTE_BUDGET_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { through } from '../programs/through.ts';
import { encodeV0, encodeV1 } from './corpus.ts';
import { decode } from './execution.ts';
import { randomPlan } from './generator/random-plan.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';
import { simulateOnSvm } from './svm-simulation.ts';
import { createWorld, type World } from './world.ts';

const SIMULATIONS = 300;
const LEAST_SUCCESSES = 120;
const PACKET_BYTES = 1232;

const random = seededRandom(seedOfRun('simulations'));

it('agrees with the message where that tells all', async () => {
  const world = await createWorld(random);
  let successes = 0;
  for (let i = 0; i < SIMULATIONS; i++) {
    const instructions = await nextPlan(world);
    const { decoded, facts, simulation } = simulateOnSvm(world.svm, encode(world, instructions), world.wallet);
    if (simulation.status === 'failed') continue;
    successes++;
    if (simulation.status !== 'succeeded') throw new Error(JSON.stringify(simulation));
    expect(simulation.divergences, tell(instructions)).toEqual([]);
    expect(simulation.missing).toEqual([]);
    expect(simulation.effects).toEqual(computeEffects(decoded, world.wallet, facts));
  }
  expect(successes).toBeGreaterThan(LEAST_SUCCESSES);
});

it('shows the same effects where a program that nobody knows calls the same instructions', async () => {
  const world = await createWorld(random);
  const { proxy } = world;
  let successes = 0;
  for (let i = 0; i < SIMULATIONS; i++) {
    const instructions = await nextPlan(world);
    const hidden = instructions.map((it) => (it.programAddress === COMPUTE_BUDGET_PROGRAM ? it : through(proxy, it)));
    const wire = encode(world, hidden);
    if (wire.length > PACKET_BYTES && wire[0] !== 0x81) continue;
    const { decoded, facts, simulation } = simulateOnSvm(world.svm, wire, world.wallet);
    if (simulation.status === 'failed') continue;
    successes++;
    if (simulation.status !== 'succeeded') throw new Error(JSON.stringify(simulation));
    expect(simulation.divergences, tell(instructions)).toEqual([]);
    const open = decode(encodeV0(decoded.feePayer, world.svm.latestBlockhash(), instructions, []));
    const expected = computeEffects(open, world.wallet, facts);
    expect(comparable(simulation.effects)).toEqual(comparable(expected));
  }
  expect(successes).toBeGreaterThan(LEAST_SUCCESSES);
});

/** A simulation changes nothing, so the world stays as it was. Nothing happens behind a nonce that would not without. */
async function nextPlan(world: World): Promise<readonly Instruction[]> {
  for (;;) {
    const { instructions, nonce } = await randomPlan(random, world);
    if (nonce === null && encodeV0(world.wallet, world.svm.latestBlockhash(), instructions, []).length <= PACKET_BYTES)
      return instructions;
  }
}

function encode(world: World, instructions: readonly Instruction[]): Uint8Array {
  const payer = random.pick([world.wallet, world.wallet, ...world.others]);
  const token = world.svm.latestBlockhash();
  const limits = {
    computeUnitLimit: 1_400_000,
    loadedAccountsDataSizeLimit: 64 * 1024 * 1024,
    priorityFeeLamports: 17n,
  };
  return random.chance(50) ? encodeV0(payer, token, instructions, []) : encodeV1(payer, token, instructions, limits);
}

/** Without what the proxy is there to change: on what each effect rests, who gets the signature, and the fee of other accounts. */
function comparable(effects: Effects): unknown {
  const text = JSON.stringify({ ...effects, cpiSigners: [], fee: null }, (key, value: unknown) =>
    key === 'basis' ? null : typeof value === 'bigint' ? `${value}n` : value,
  );
  return JSON.parse(text);
}

function tell(instructions: readonly Instruction[]): string {
  return JSON.stringify(instructions, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
