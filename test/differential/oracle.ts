// Owns the oracle: random transactions are judged, executed on LiteSVM, and every change must be explained by their effects.
import { type Address, isSolanaError } from '@solana/kit';
import type { DecodedInstruction } from '../../gateway/core/transaction/decoded-transaction.ts';
import { COMPUTE_BUDGET_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { encodeLegacy, encodeV0, encodeV1 } from './corpus.ts';
import { type Execution, judgeAndExecute } from './execution.ts';
import { unexplained, unexplainedUnlessMissing } from './explain.ts';
import type { Plan } from './generator/plan.ts';
import { randomPlan, tamperedPlan } from './generator/random-plan.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SuccessTable } from './success-table.ts';
import { uncounted, withoutSignature } from './wallet-signature.ts';
import { createWorld, resetWorld, type World } from './world.ts';

/** Of a legacy or v0 transaction at most, and of a v1. */
const PACKET_BYTES = 1232;
const V1_BYTES = 4096;
const V1_PREFIX = 0x81;
/** What is not set in v1 is zero. */
const V1_LIMITS = { computeUnitLimit: 1_400_000, loadedAccountsDataSizeLimit: 64 * 1024 * 1024 };
/** Questions to the chain until effects are complete, at most. */
const MOST_ROUNDS = 2;
/** In a hundred transactions. */
const TAMPERED = 25;

export interface Discrepancy {
  readonly problems: readonly string[];
  readonly execution: Execution;
}

interface Executed {
  readonly execution: Execution;
  readonly form: Form;
  readonly plan: Plan;
}

export interface OracleRun {
  readonly successes: SuccessTable;
  readonly discrepancies: readonly Discrepancy[];
}

/** Stops at the first discrepancy, unless told to collect some. */
export async function runOracle(
  random: SeededRandom,
  count: number,
  options: { readonly most?: number; readonly onSuccess?: (execution: Execution, world: World) => void } = {},
): Promise<OracleRun> {
  const { most = 1, onSuccess } = options;
  const world = await createWorld(random);
  const successes = new SuccessTable();
  const discrepancies: Discrepancy[] = [];
  for (let i = 0; i < count && discrepancies.length < most; i++) {
    const { execution, form, plan } = await executeOne(random, world);
    successes.count(execution, form);
    if (execution.error === null) {
      const problems = [...problemsOf(execution, world, plan), ...uncountedDraws({ execution, form, plan }, world)];
      if (problems.length > 0) discrepancies.push({ problems, execution });
      else onSuccess?.(execution, world);
    }
    resetWorld(world, execution);
  }
  return { successes, discrepancies };
}

function problemsOf(execution: Execution, { wallet }: World, { tampered }: Plan): readonly string[] {
  if (tampered) return unexplainedUnlessMissing(execution, wallet);
  const late = execution.rounds > MOST_ROUNDS ? [`the chain was asked ${execution.rounds} times`] : [];
  return [...late, ...unexplained(execution, wallet)];
}

/** Of one instruction, so that it is this one that needs the signature; and not where the wallet pays, because then it signs anyway. */
function uncountedDraws({ execution, form, plan }: Executed, world: World): readonly string[] {
  const { wallet } = world;
  const { feePayer, instructions } = execution.decoded;
  const acting = instructions.filter(({ program }) => program !== COMPUTE_BUDGET_PROGRAM);
  const single = acting.length === 1 && acting.every((it) => it.kind !== 'known' || it.parts.length < 2);
  const unsigned = feePayer === wallet || !single ? null : withoutSignature(plan.instructions, wallet);
  if (unsigned === null) return [];
  resetWorld(world, execution);
  const wire = encodeAs(form, world, { ...plan, instructions: unsigned }, feePayer);
  const needed = judgeAndExecute(world.svm, wire, wallet).error !== null;
  return needed ? uncounted(execution, wallet) : [];
}

export const FORMS = ['legacy', 'v0', 'v0 with tables', 'v1'] as const;
export type Form = (typeof FORMS)[number];

/** Plans that fit no packet are no transactions: then another one is drawn. */
async function executeOne(random: SeededRandom, world: World): Promise<Executed> {
  for (;;) {
    const plan = await (random.chance(TAMPERED) ? tamperedPlan : randomPlan)(random, world);
    const form = random.pick(FORMS);
    const payer = random.pick([world.wallet, world.wallet, ...world.others]);
    const wire = encodePlan(form, world, plan, payer);
    if (wire !== null && fits(wire)) return { execution: judgeAndExecute(world.svm, wire, world.wallet), form, plan };
  }
}

/** `null`: the published client refuses a tampered plan, where a program would have to be written to. */
function encodePlan(form: Form, world: World, plan: Plan, payer: Address): Uint8Array | null {
  try {
    return encodeAs(form, world, plan, payer);
  } catch (error) {
    if (plan.tampered && isSolanaError(error)) return null;
    throw error;
  }
}

export function encodeAs(
  form: Form,
  world: World,
  plan: Plan,
  payer = world.wallet,
  priorityFeeLamports = 17n,
): Uint8Array {
  const { instructions } = plan;
  const lifetime = plan.nonce ?? world.svm.latestBlockhash();
  switch (form) {
    case 'legacy':
      return encodeLegacy(payer, lifetime, instructions);
    case 'v0':
      return encodeV0(payer, lifetime, instructions, []);
    case 'v0 with tables':
      return encodeV0(payer, lifetime, instructions, world.tables.used);
    case 'v1':
      return encodeV1(payer, lifetime, instructions, { ...V1_LIMITS, priorityFeeLamports });
  }
}

export function fits(wire: Uint8Array): boolean {
  return wire.length <= (wire[0] === V1_PREFIX ? V1_BYTES : PACKET_BYTES);
}

export function tell({ problems, execution }: Discrepancy): string {
  const { decoded, effects } = execution;
  const seen = { version: decoded.compiled.version, instructions: decoded.instructions.map(brief), effects };
  return `${problems.join('\n')}\n${asJson(seen)}`;
}

function brief(instruction: DecodedInstruction) {
  const { index, kind, program, accounts } = instruction;
  if (instruction.kind === 'unknown') return { index, kind, program, reason: instruction.reason, accounts };
  return {
    index,
    program: instruction.programName,
    name: instruction.name,
    arguments: instruction.arguments,
    accounts,
  };
}

export function asJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member), 1);
}
