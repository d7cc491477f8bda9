// Owns the reading of Rego files as opa parses them.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runOpa } from '../../policy/build/opa.ts';
import { moduleOf } from './parse-module.ts';
import type { RegoModule } from './syntax-tree.ts';

const AT_ONCE = 4;

/** `files` are paths within `directory`, or absolute; their places say so. Throws with what opa said where one does not parse. */
export async function readModules(
  opa: string,
  directory: string,
  files: readonly string[],
): Promise<readonly RegoModule[]> {
  const modules: RegoModule[] = [];
  const waiting = files.entries();
  async function work(): Promise<void> {
    for (const [index, file] of waiting) modules[index] = await readModule(opa, directory, file);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return modules;
}

export async function readModule(opa: string, directory: string, file: string): Promise<RegoModule> {
  const source = await readFile(resolve(directory, file), 'utf8');
  const parsed = await runOpa(
    opa,
    ['parse', '--format', 'json', '--json-include', 'locations,comments', file],
    directory,
  );
  return moduleOf(file, source, JSON.parse(parsed));
}
