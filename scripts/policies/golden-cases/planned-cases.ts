// Owns that the inputs of the golden cases are what the gateway writes for their plans, and for nothing else.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../../gateway/core/canonical-json.ts';
import { type GoldenCase, writeGoldenCase } from '../golden.ts';
import { goldenInput, type PlannedCase } from './plan.ts';

/** Writes every case anew, without a decision yet, and removes those that have no plan. */
export async function writePlannedCases(directory: string, plans: readonly PlannedCase[]): Promise<void> {
  const files = new Set(plans.map(({ name }) => `${name}.json`));
  for (const file of await readdir(directory)) {
    if (!files.has(file)) await rm(join(directory, file));
  }
  for (const plan of plans) {
    const file = join(directory, `${plan.name}.json`);
    await writeGoldenCase({ file, description: plan.description, input: goldenInput(plan) }, null);
  }
}

/** Cases whose input is not what the gateway writes today, plans without a case, cases without a plan. */
export function inputDrift(cases: readonly GoldenCase[], plans: readonly PlannedCase[]): readonly string[] {
  const byName = new Map(cases.map((golden) => [golden.name, golden]));
  const names = new Set(plans.map(({ name }) => name));
  const drifted = plans.flatMap((plan) => {
    const golden = byName.get(plan.name);
    if (golden === undefined) return [`golden ${plan.name}: there is a plan and no file`];
    const same = canonicalJson(golden.input) === canonicalJson(goldenInput(plan));
    return same ? [] : [`golden ${plan.name}: the gateway writes another input now`];
  });
  const unplanned = cases.filter(({ name }) => !names.has(name));
  return [
    ...(names.size === plans.length ? [] : ['golden: two plans have one name']),
    ...drifted,
    ...unplanned.map(({ name }) => `golden ${name}: there is a file and no plan`),
  ];
}
