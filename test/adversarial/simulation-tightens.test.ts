// Owns the proof of promise 7: a simulation can add denials, and never turns a deny into anything else.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CanonicalValue, canonicalJsonBytes } from '../../gateway/core/canonical-json.ts';
import { isJsonObject } from '../../gateway/core/decision/json-value.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import { PROJECT } from '../../gateway/policy/build/opa.ts';
import { openGeneration } from '../../gateway/policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../../gateway/policy/policy-engine.ts';
import { type GoldenCase, goldenData, readGoldenCases } from '../../scripts/policies/golden.ts';

const POLICIES = join(PROJECT, 'policies');
const STRICTNESS = { allow: 0, require_approval: 1, deny: 2 } as const;
const NOT_RUN = { status: 'not_run' };
const PERMISSION = 'simulated_but_not_guaranteed';

type Fields = Readonly<Record<string, CanonicalValue>>;

let directory: string;
let engine: PolicyGeneration;
let cases: readonly GoldenCase[];
let data: CanonicalValue;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-tightens-'));
  data = await goldenData(join(POLICIES, 'data'));
  await buildBundle({ data, outDir: join(directory, 'bundle') });
  engine = await openGeneration({ bundleDirectory: join(directory, 'bundle') });
  // A message has no simulation.
  cases = (await readGoldenCases(join(POLICIES, 'golden'))).filter(({ input }) => 'transaction' in fieldsOf(input));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('whatever a simulation says', () => {
  it('no transaction is judged more gently than without one, unless the data permit its program to be simulated or demand a simulation', () => {
    const gentler = pairs()
      .filter(({ golden }) => !demandsSimulation(fieldsOf(golden.input)))
      .filter(({ golden }) => !callsWhatMayBeSimulated(fieldsOf(golden.input)))
      .filter(({ golden, simulation }) => strictness(golden, simulation) < strictness(golden, NOT_RUN))
      .map(({ golden, simulation }) => `${golden.name}: ${canonicalStatus(simulation)}`);
    expect(gentler).toEqual([]);
  });

  it('a failing or a diverging one always denies', () => {
    const failing = { status: 'failed', slot: 1n, error: '"AccountNotFound"' };
    const divergences = [{ account: '11111111111111111111111111111111', change: 'lamports', detail: 'x' }];
    const passed = cases.flatMap((golden) => {
      const diverging = { ...confirming(golden), diverges: true, divergences };
      return [failing, diverging]
        .filter((simulation) => strictness(golden, simulation) !== STRICTNESS.deny)
        .map((simulation) => `${golden.name}: ${canonicalStatus(simulation)}`);
    });
    expect(passed).toEqual([]);
  });

  it('a permission to be simulated helps only where a simulation succeeded, is complete and does not diverge', () => {
    const asking = cases.filter(({ input }) => callsWhatMayBeSimulated(fieldsOf(input)));
    expect(asking.length).toBeGreaterThan(5);
    const unfit = [NOT_RUN, { status: 'unavailable', reason: 'x' }, { status: 'failed', slot: 1n, error: '"x"' }];
    const passed = asking.flatMap((golden) => {
      const incomplete = { ...confirming(golden), complete: false, missing: ['inner instructions'] };
      return [...unfit, incomplete]
        .filter((simulation) => strictness(golden, simulation) !== STRICTNESS.deny)
        .map((simulation) => `${golden.name}: ${canonicalStatus(simulation)}`);
    });
    expect(passed).toEqual([]);
  });
});

/** Each golden case with every simulation that any of them has, and with one that shows nothing but what its message says. */
function pairs(): readonly { readonly golden: GoldenCase; readonly simulation: Fields }[] {
  const seen = cases
    .map(({ input }) => fieldsOf(fieldsOf(input).simulation))
    .filter(({ status }) => status !== 'not_run');
  expect(seen.length).toBeGreaterThan(10);
  return cases.flatMap((golden) =>
    [...seen, confirming(golden), harmless(golden)].map((simulation) => ({ golden, simulation })),
  );
}

/** A complete success with the effects of the message. */
function confirming({ input }: GoldenCase): Fields {
  const { effects = null, transaction = null } = fieldsOf(input);
  const { instructions = null } = fieldsOf(transaction);
  return {
    status: 'succeeded',
    slot: 1n,
    units_consumed: 1n,
    complete: true,
    missing: [],
    diverges: false,
    divergences: [],
    effects,
    instructions: (Array.isArray(instructions) ? instructions : []).map((instruction) => ({ depth: 1n, instruction })),
  };
}

/** The same, and nothing happens: what a node would say that lies. */
function harmless(golden: GoldenCase): Fields {
  const { effects = null, ...confirmed } = confirming(golden);
  const emptied = Object.entries(fieldsOf(effects)).map(([name, value]) => [name, Array.isArray(value) ? [] : value]);
  return { ...confirmed, effects: { ...Object.fromEntries(emptied), rent_lamports: 0n } };
}

function strictness({ input }: GoldenCase, simulation: CanonicalValue): number {
  return STRICTNESS[engine.evaluate(canonicalJsonBytes({ ...fieldsOf(input), simulation })).kind];
}

/** Where simulation_guard wants one, every transaction without one is denied: that is what it is for. */
function demandsSimulation(input: Fields): boolean {
  return fieldsOf(settingsFor(input).simulation_guard ?? {}).required === true;
}

function settingsFor({ agent = null, wallet = null }: Fields): Fields {
  const agents = fieldsOf(fieldsOf(data).agents);
  const wallets = fieldsOf(agents[String(fieldsOf(agent).id)] ?? {}).wallets ?? {};
  return fieldsOf(fieldsOf(wallets)[String(fieldsOf(wallet).id)] ?? {});
}

function callsWhatMayBeSimulated(input: Fields): boolean {
  const { transaction = null } = input;
  const settings = settingsFor(input);
  const programs = fieldsOf(fieldsOf(settings.program_allowlist ?? {}).programs ?? {});
  const { instructions = null } = fieldsOf(transaction);
  const mints = fieldsOf(input.effects).mints;
  const called = (Array.isArray(instructions) ? instructions : []).map((each) => fieldsOf(each).program);
  const hooks = (Array.isArray(mints) ? mints : []).map((each) => fieldsOf(each).transfer_hook);
  return [...called, ...hooks].some((program) => {
    const listed = programs[String(program)];
    return listed !== undefined && fieldsOf(listed).unknown_effects === PERMISSION;
  });
}

function canonicalStatus(simulation: Fields): string {
  return `${String(simulation.status)}, complete: ${String(simulation.complete)}`;
}

function fieldsOf(value: CanonicalValue | undefined): Fields {
  if (value === undefined || !isJsonObject(value)) throw new Error('an object was expected');
  return value;
}
