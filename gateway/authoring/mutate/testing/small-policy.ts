// Owns a small package with its test, and what is mutated of it, for the tests of the hunt.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findOpa } from '../../../policy/build/opa.ts';
import { readModules } from '../../rego/read-modules.ts';
import type { RegoModule } from '../../rego/syntax-tree.ts';
import type { Quarry } from '../quarry.ts';

export async function modulesOf(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<readonly RegoModule[]> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
  }
  return readModules(findOpa(), directory, Object.keys(files));
}

/** Without fixtures, unless it is told what they notice. */
export async function quarryOf(
  directory: string,
  files: Readonly<Record<string, string>>,
  noticed: (source: string) => boolean = () => false,
): Promise<Quarry> {
  const isTest = (file: string) => file.endsWith('_test.rego');
  return {
    directory,
    modules: await modulesOf(directory, files),
    isTest,
    isMutated: (file) => !isTest(file),
    noticedByFixtures: async (_, source) => noticed(source),
  };
}
