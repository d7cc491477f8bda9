// Owns the oracle: random transactions are judged, executed on LiteSVM, and every change must be explained by their effects.
import type { DecodedInstruction } from '../../gateway/core/transaction/decoded-transaction.ts';
import { encodeLegacy, encodeV0, encodeV1 } from './corpus.ts';
import { type Execution, judgeAndExecute } from './execution.ts';
import { unexplained } from './explain.ts';
import type { Plan } from './generator/plan.ts';
import { randomPlan } from './generator/random-plan.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SuccessTable } from './success-table.ts';
import { createWorld, resetWorld, type World } from './world.ts';

/** Of a legacy or v0 transaction at most, and of a v1. */
const PACKET_BYTES = 1232;
const V1_BYTES = 4096;
const V1_PREFIX = 0x81;
/** What is not set in v1 is zero. */
const V1_LIMITS = {
  computeUnitLimit: 1_400_000,
  loadedAccountsDataSizeLimit: 64 * 1024 * 1024,
  priorityFeeLamports: 17n,
};
/** Questions to the chain until effects are complete, at most. */
const MOST_ROUNDS = 2;

export interface Discrepancy {
  readonly problems: readonly string[];
  readonly execution: Execution;
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
    const { execution, form } = await executeOne(random, world);
    successes.count(execution, form);
    if (execution.error === null) {
      const problems = problemsOf(execution, world);
      if (problems.length > 0) discrepancies.push({ problems, execution });
      else onSuccess?.(execution, world);
    }
    resetWorld(world, changeable(execution));
  }
  return { successes, discrepancies };
}

function problemsOf(execution: Execution, { wallet }: World): readonly string[] {
  const late = execution.rounds > MOST_ROUNDS ? [`the chain was asked ${execution.rounds} times`] : [];
  return [...late, ...unexplained(execution, wallet)];
}

export function changeable({ decoded }: Execution) {
  return decoded.accounts.filter(({ writable }) => writable).map(({ address }) => address);
}

const FORMS = ['legacy', 'v0', 'v0 with tables', 'v1'] as const;
export type Form = (typeof FORMS)[number];

/** Plans that fit no packet are no transactions: then another one is drawn. */
async function executeOne(
  random: SeededRandom,
  world: World,
): Promise<{ readonly execution: Execution; readonly form: Form }> {
  for (;;) {
    const plan = await randomPlan(random, world);
    const form = random.pick(FORMS);
    const payer = random.pick([world.wallet, world.wallet, ...world.others]);
    const wire = encodeAs(form, world, plan, payer);
    if (fits(wire)) return { execution: judgeAndExecute(world.svm, wire, world.wallet), form };
  }
}

export function encodeAs(form: Form, world: World, plan: Plan, payer = world.wallet): Uint8Array {
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
      return encodeV1(payer, lifetime, instructions, V1_LIMITS);
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
