// Owns random plans: a few steps over the programs that the core knows and LiteSVM can run.
import { createNoopSigner, type Instruction } from '@solana/kit';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAddMemoInstruction } from '@solana-program/memo';
import { getAdvanceNonceAccountInstruction } from '@solana-program/system';
import {
  MEMO_PROGRAM_V1,
  MEMO_PROGRAM_V2,
  MEMO_PROGRAM_V4,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { World } from '../world.ts';
import { drawAssociated } from './associated-token.ts';
import { drawLoader } from './loader.ts';
import { drawLookupTable } from './lookup-table.ts';
import type { DrawStep, Plan } from './plan.ts';
import { drawPrecompile } from './precompile.ts';
import { drawStake } from './stake.ts';
import { drawSystem } from './system.ts';
import { tamper } from './tamper.ts';
import { drawToken } from './token.ts';
import { drawToken2022 } from './token-2022.ts';
import { drawVote } from './vote.ts';

/** In a hundred steps. */
const WEIGHTS: readonly (readonly [number, DrawStep])[] = [
  [19, (random, world) => drawToken(random, world, world.classic)],
  [14, (random, world) => drawToken(random, world, world.extended)],
  [18, drawToken2022],
  [15, drawSystem],
  [9, drawAssociated],
  [9, drawStake],
  [5, drawLookupTable],
  [4, drawLoader],
  [3, drawVote],
  [2, drawMemo],
  [2, drawPrecompile],
];

const DRAWS: readonly DrawStep[] = WEIGHTS.flatMap(([weight, draw]) => Array.from({ length: weight }, () => draw));

export async function randomPlan(random: SeededRandom, world: World): Promise<Plan> {
  const nonce = random.chance(5) ? random.pick(world.nonces) : null;
  const instructions: Instruction[] = [];
  if (nonce !== null) {
    const nonceAuthority = createNoopSigner(nonce.authority);
    instructions.push(getAdvanceNonceAccountInstruction({ nonceAccount: nonce.address, nonceAuthority }));
  }
  if (random.chance(25))
    instructions.push(getSetComputeUnitLimitInstruction({ units: 200_000 + random.below(2_000_000) }));
  if (random.chance(30))
    instructions.push(getSetComputeUnitPriceInstruction({ microLamports: BigInt(random.below(5_000_000)) }));
  const steps = random.pick([1, 1, 1, 2, 2, 3]);
  for (let i = 0; i < steps; i++) instructions.push(...(await random.pick(DRAWS)(random, world)));
  return { instructions, nonce: nonce?.value ?? null, tampered: false };
}

/** The same with one instruction changed. */
export async function tamperedPlan(random: SeededRandom, world: World): Promise<Plan> {
  const plan = await randomPlan(random, world);
  const at = random.below(plan.instructions.length);
  const instructions = plan.instructions.map((instruction, i) =>
    i === at ? tamper(random, world, instruction) : instruction,
  );
  return { ...plan, instructions, tampered: true };
}

function drawMemo(random: SeededRandom): readonly Instruction[] {
  const programAddress = random.pick([MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4]);
  return [getAddMemoInstruction({ memo: 'for coffee' }, { programAddress })];
}
