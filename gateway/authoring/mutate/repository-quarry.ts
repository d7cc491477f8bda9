// Owns what is mutated in a policy repository: its own rules, with its tests, on the library that comes with the tool.
import { glob } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readModules } from '../rego/read-modules.ts';
import { type OpenRepository, openRepository } from '../repository/open-repository.ts';
import { libraryFiles } from '../repository/rego-files.ts';
import { type FixtureCase, fixtureCases, noticedBy } from './fixture-cases.ts';
import type { Quarry } from './quarry.ts';

export interface Prey {
  readonly quarry: Quarry;
  readonly cases: readonly FixtureCase[];
  readonly repository: OpenRepository;
}

/** Throws an Error that says what is wrong with the repository. */
export async function repositoryPrey(opa: string, directory: string): Promise<Prey> {
  const root = resolve(directory);
  const repository = await openRepository(root, opa);
  const own = (await Array.fromAsync(glob('rules/**/*.rego', { cwd: root }))).sort();
  const modules = await readModules(opa, root, [...own, ...(await libraryFiles('to test'))]);
  const cases = fixtureCases(repository.bundle);
  const quarry: Quarry = {
    directory: root,
    modules,
    isTest,
    isMutated: (file) => own.includes(file) && !isTest(file),
    noticedByFixtures: (file, source) => noticedBy(cases, opa, repository.files, file, source),
  };
  return { quarry, cases, repository };
}

function isTest(file: string): boolean {
  return file.endsWith('_test.rego');
}
