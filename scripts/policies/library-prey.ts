// Owns what is mutated in the project's own policies: library and examples, with their tests and the golden cases.
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { type FixtureCase, noticedBy } from '../../gateway/authoring/mutate/fixture-cases.ts';
import type { Prey } from '../../gateway/authoring/mutate/repository-quarry.ts';
import { readModules } from '../../gateway/authoring/rego/read-modules.ts';
import { openFiles } from '../../gateway/authoring/repository/open-repository.ts';
import { canonicalJson } from '../../gateway/core/canonical-json.ts';
import { parseJson } from '../../gateway/core/decision/json-value.ts';
import { parseVerdict } from '../../gateway/core/decision/parse-verdict.ts';
import { buildFiles } from '../../gateway/policy/build/build-bundle.ts';
import { PROJECT } from '../../gateway/policy/build/opa.ts';
import { type GoldenCase, goldenData, readGoldenCases } from './golden.ts';

const POLICIES = join(PROJECT, 'policies');

export async function libraryPrey(opa: string, only: RegExp = /^/): Promise<Prey> {
  const files = (await Array.fromAsync(glob('{countersign,examples}/**/*.rego', { cwd: POLICIES }))).sort();
  const modules = await readModules(opa, POLICIES, files);
  const cases = (await readGoldenCases(join(POLICIES, 'golden'))).map(caseOf);
  const { files: bundle } = await buildFiles({ data: await goldenData(join(POLICIES, 'data')), opa });
  const isTest = (file: string) => file.endsWith('_test.rego');
  return {
    quarry: {
      directory: POLICIES,
      modules,
      isTest,
      isMutated: (file) => !isTest(file) && only.test(file),
      noticedByFixtures: (file, source) => noticedBy(cases, opa, bundle, file, source),
    },
    cases,
    repository: await openFiles(bundle, 'policies'),
  };
}

/** A golden decision is held to in every word. */
function caseOf({ name, input, decision }: GoldenCase): FixtureCase {
  const expected = canonicalJson(decision);
  return {
    name,
    input,
    expected: parseVerdict(expected).kind,
    accepts: (text) => text !== '' && canonicalJson(parseJson(text)) === expected,
  };
}
