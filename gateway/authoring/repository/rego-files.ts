// Owns which Rego files opa is given about a policy repository: its rules, and what they stand on.
import { glob, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LIBRARY } from '../../policy/build/bundle-sources.ts';

/** Of the library: a request and data that tests of rules may import. */
const FIXTURES_FOR_TESTS = 'fixtures_test.rego';

/** The library without its tests. Absolute paths, sorted. */
export async function libraryFiles(use: 'to compile' | 'to test'): Promise<readonly string[]> {
  const files = await Array.fromAsync(glob('**/*.rego', { cwd: LIBRARY }));
  return files
    .filter((file) => !file.endsWith('_test.rego') || (use === 'to test' && file === FIXTURES_FOR_TESTS))
    .sort()
    .map((file) => join(LIBRARY, file));
}

/** `rules` of the repository, absolute; empty where it has none. */
export async function ownRuleDirectories(directory: string): Promise<readonly string[]> {
  const rules = resolve(directory, 'rules');
  const found = await stat(rules).catch(() => null);
  return found?.isDirectory() ? [rules] : [];
}
