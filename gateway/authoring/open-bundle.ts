// Owns how a policy author's tools open what they are given: a bundle's archive, an unpacked bundle, or a policy repository.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRepository } from '../policy/build/build-repository.ts';
import type { BundleFiles } from '../policy/bundle/bundle.ts';
import { readArchive } from '../policy/bundle/read-archive.ts';
import { readBundle } from '../policy/bundle/read-bundle.ts';
import { readDirectoryFiles } from '../policy/bundle/read-directory.ts';
import { generationOf } from '../policy/evaluation/open-generation.ts';
import type { PolicyGeneration } from '../policy/policy-engine.ts';

/** A repository is built. Throws an Error that says what is wrong; signatures are not looked at. */
export async function openBundle(path: string): Promise<PolicyGeneration> {
  return generationOf(readBundle(await filesAt(path), path));
}

async function filesAt(path: string): Promise<BundleFiles> {
  if (!(await isDirectory(path))) return readArchive(await readFile(path), path);
  if (await exists(join(path, '.manifest'))) return readDirectoryFiles(path);
  return (await buildRepository({ directory: path })).files;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
