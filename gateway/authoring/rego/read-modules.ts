// Owns the reading of Rego files as opa parses them.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runOpa } from '../../policy/build/opa.ts';
import { madeOnce } from '../../policy/build/opa-cache.ts';
import { moduleOf } from './parse-module.ts';
import type { RegoModule } from './syntax-tree.ts';

const AT_ONCE = 4;
const PARSE = ['parse', '--format', 'json', '--json-include', 'locations,comments'];
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

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

async function readModule(opa: string, directory: string, file: string): Promise<RegoModule> {
  const bytes = new Uint8Array(await readFile(resolve(directory, file)));
  const args = [...PARSE, file];
  const parsed = await madeOnce({ opa, args, files: new Map([[file, bytes]]) }, async () => {
    // As opa writes it, three quarters are indentation.
    const parsed: unknown = JSON.parse(await runOpa(opa, args, directory));
    return new TextEncoder().encode(JSON.stringify(parsed));
  });
  return moduleOf(file, UTF8.decode(bytes), JSON.parse(UTF8.decode(parsed)));
}
