// Owns which Rego files opa is given about a policy repository: its rules, and what they stand on.
import { glob, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LIBRARY } from '../../policy/build/bundle-sources.ts';

/** The library without its tests, but with the package of fixtures that tests of rules may import. Absolute paths, sorted. */
export async function libraryFiles(): Promise<readonly string[]> {
  const files = await Array.fromAsync(glob('**/*.rego', { cwd: LIBRARY }));
  return files
    .filter((file) => !file.endsWith('_test.rego') || file === 'fixtures_test.rego')
    .sort()
    .map((file) => join(LIBRARY, file));
}

/** `rules` of the repository, absolute; empty where it has none. */
export async function ownRuleDirectories(directory: string): Promise<readonly string[]> {
  const rules = resolve(directory, 'rules');
  const found = await stat(rules).catch(() => null);
  return found?.isDirectory() ? [rules] : [];
}
