// Owns the check of all policies: form, types, tests and coverage by opa, and that the gateway's engine decides as opa does.
// With --update the golden cases and the recorded decisions of the example are written anew; whoever does that reads what changed.
import { join, relative } from 'node:path';
import { argv, exit } from 'node:process';
import { z } from 'zod';
import { decideByOpa } from '../gateway/authoring/fixtures/decide-by-opa.ts';
import { inputCheck } from '../gateway/authoring/fixtures/input-problems.ts';
import { lintDirectory } from '../gateway/authoring/lint/lint.ts';
import { EXAMPLE } from '../gateway/authoring/repository/new-repository.ts';
import { openRepository } from '../gateway/authoring/repository/open-repository.ts';
import { regoProblems } from '../gateway/authoring/repository/rego-problems.ts';
import { fixtureTests } from '../gateway/authoring/test/fixture-tests.ts';
import { regoTests } from '../gateway/authoring/test/rego-tests.ts';
import { canonicalJson, canonicalJsonBytes } from '../gateway/core/canonical-json.ts';
import { parseJson } from '../gateway/core/decision/json-value.ts';
import { buildFiles } from '../gateway/policy/build/build-bundle.ts';
import { findOpa, PROJECT, runOpa } from '../gateway/policy/build/opa.ts';
import type { BundleFiles } from '../gateway/policy/bundle/bundle.ts';
import { readBundle } from '../gateway/policy/bundle/read-bundle.ts';
import { compilePolicy } from '../gateway/policy/evaluation/opa-module.ts';
import { generationOf } from '../gateway/policy/evaluation/open-generation.ts';
import { type GoldenCase, goldenData, readGoldenCases, writeGoldenCase } from './policies/golden.ts';
import { GOLDEN_PLANS } from './policies/golden-cases/all-cases.ts';
import { inputDrift, writePlannedCases } from './policies/golden-cases/planned-cases.ts';
import { recordedDrift } from './policies/recorded-decisions.ts';

const POLICIES = join(PROJECT, 'policies');
/** The library, and the examples of rules that stand beside it. */
const REGO = [join(POLICIES, 'countersign'), join(POLICIES, 'examples')];
const SCHEMAS = join(POLICIES, 'schema');
const GOLDEN = join(POLICIES, 'golden');
/** Some take seconds on a machine that is busy. */
const TEST = ['test', '--timeout', '60s'];
const LEAST_COVERAGE = 97;
/** What the name of a golden case begins with. */
const NAMED_AFTER = { allow: 'allow', deny: 'deny', require_approval: 'approval' } as const;

const COVERAGE = z.object({ coverage: z.number() });

async function checkForm(opa: string): Promise<string> {
  const unformatted = await runOpa(opa, ['fmt', '--list', ...REGO]);
  if (unformatted !== '')
    throw new Error(`not formatted (opa fmt -w policies/countersign policies/examples):\n${unformatted}`);
  return 'opa fmt';
}

async function checkTypes(opa: string): Promise<string> {
  const check = ['check', '--strict', '--schema', SCHEMAS];
  await runOpa(opa, [...check, ...REGO]);
  // Tests may use every builtin; what is compiled to WebAssembly may not.
  const capabilities = join(POLICIES, 'capabilities.json');
  await runOpa(opa, [...check, '--capabilities', capabilities, '--ignore', '*_test.rego', ...REGO]);
  return 'opa check --strict with the schema and the capabilities';
}

async function checkLint(opa: string, directory: string): Promise<string> {
  const { findings, files } = await lintDirectory(opa, directory);
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    const lines = errors.map(({ at, code, what }) => `${at.file}:${at.row}:${at.col}: ${code}: ${what}`);
    throw new Error(`countersign policy lint ${relative(PROJECT, directory)}:\n${lines.join('\n')}`);
  }
  return `countersign policy lint ${relative(PROJECT, directory)}: ${files} files`;
}

async function checkTests(opa: string): Promise<string> {
  const summary = (await runOpa(opa, [...TEST, ...REGO])).trim();
  const { coverage } = COVERAGE.parse(JSON.parse(await runOpa(opa, [...TEST, '--coverage', ...REGO])));
  if (coverage < LEAST_COVERAGE) {
    throw new Error(`the tests cover ${coverage.toFixed(1)} % of the lines; at least ${LEAST_COVERAGE} % is wanted`);
  }
  return `opa test: ${summary}, coverage ${coverage.toFixed(1)} % (at least ${LEAST_COVERAGE} %)`;
}

async function checkGolden(opa: string, update: boolean): Promise<string> {
  const { files } = await buildFiles({ data: await goldenData(join(POLICIES, 'data')), opa });
  if (update) await writePlannedCases(GOLDEN, GOLDEN_PLANS);
  const cases = await readGoldenCases(GOLDEN);
  const byOpa = await decideByOpa(opa, files, cases);
  if (update) await Promise.all(cases.map((golden) => writeGoldenCase(golden, parseJson(byOpa[golden.name] ?? ''))));
  const problems = [
    ...inputDrift(cases, GOLDEN_PLANS),
    ...(await inputProblems(cases)),
    ...(await decisionProblems(files, update ? await readGoldenCases(GOLDEN) : cases, byOpa)),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `golden: ${cases.length} inputs, the same decision by opa and by WebAssembly`;
}

async function inputProblems(cases: readonly GoldenCase[]): Promise<readonly string[]> {
  const problemsOf = await inputCheck();
  return cases.flatMap(({ name, input }) => problemsOf(input).map((problem) => `golden ${name}: ${problem}`));
}

async function decisionProblems(
  files: BundleFiles,
  cases: readonly GoldenCase[],
  byOpa: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const bundle = readBundle(files, 'of the golden cases');
  const engine = await generationOf(bundle);
  const module = (await compilePolicy(bundle)).instantiate();
  return cases.flatMap(({ name, input, decision }) => {
    const expected = canonicalJson(decision);
    const bytes = canonicalJsonBytes(input);
    const found = { opa: byOpa[name] ?? 'null', WebAssembly: module.evaluate(bytes) ?? 'null' };
    const problems: string[] = Object.entries(found)
      .filter(([, text]) => canonicalJson(parseJson(text)) !== expected)
      .map(([by, text]) => `golden ${name}: ${by} decides ${text}`);
    const { kind } = engine.evaluate(bytes);
    if (!name.startsWith(`${NAMED_AFTER[kind]}-`)) {
      problems.push(`golden ${name}: its name does not begin with ${NAMED_AFTER[kind]}, as the decision does`);
    }
    return expected.includes(`"decision":"${kind}"`)
      ? problems
      : [...problems, `golden ${name}: the engine says ${kind}`];
  });
}

/** What `countersign policy new` makes is as good as what we tell others to write. */
async function checkExample(opa: string, update: boolean): Promise<string> {
  const unformatted = await runOpa(opa, ['fmt', '--list', join(EXAMPLE, 'rules')]);
  if (unformatted !== '') throw new Error(`not formatted (countersign policy fmt):\n${unformatted}`);
  const problems = await regoProblems(opa, EXAMPLE);
  const rego = await regoTests(opa, EXAMPLE);
  const fixtures = await fixtureTests(opa, await openRepository(EXAMPLE, opa));
  const wrong = fixtures.flatMap(({ name, lines }) => (lines.length === 0 ? [] : [`${name}: ${lines.join('\n  ')}`]));
  const drifted = (await recordedDrift(update)).map(
    (request) => `request ${request} is decided otherwise than recorded`,
  );
  const all = [...problems, ...rego.problems, ...wrong, ...drifted];
  if (all.length > 0) throw new Error(`examples/policy-repository: ${all.join('\n')}`);
  return `examples/policy-repository: ${rego.passed} tests in Rego, ${fixtures.length} fixtures`;
}

const update = argv.includes('--update');
const opa = findOpa();
const checks = [
  checkForm(opa),
  checkTypes(opa),
  checkLint(opa, POLICIES),
  checkLint(opa, EXAMPLE),
  checkTests(opa),
  checkGolden(opa, update),
  checkExample(opa, update),
];
let failed = 0;
for (const check of await Promise.allSettled(checks)) {
  if (check.status === 'fulfilled') console.log(`✔ ${check.value}`);
  else {
    failed += 1;
    console.log(`✘ ${check.reason instanceof Error ? check.reason.message : check.reason}`);
  }
}
exit(failed === 0 ? 0 : 1);
