// Owns the sources of a bundle as files: the library that comes with the tool, rules of one's own, and IDLs.
import { glob, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathProblem } from '../bundle/bundle-parts.ts';
import { describePrograms, IDL_DIRECTORY, idlFilesIn } from '../bundle/idl-files.ts';
import { PROJECT } from './opa.ts';

export const POLICIES = join(PROJECT, 'policies');
export const LIBRARY = join(POLICIES, 'countersign');

export type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** Rego without its tests, under `prefix`. Throws where there is no such directory. */
export async function regoFiles(directory: string, prefix: string): Promise<Files> {
  await requireDirectory(directory, 'rules');
  const files: Files = new Map();
  for await (const file of glob('**/*.rego', { cwd: directory })) {
    if (file.endsWith('_test.rego')) continue;
    const path = `${prefix}/${file.split(sep).join('/')}`;
    const problem = pathProblem(path);
    if (problem !== null) throw new Error(`rules of ${directory}: ${file}: ${problem}`);
    files.set(path, await bytesOf(join(directory, file)));
  }
  return files;
}

/** Held to all that the gateway asks of them, so that no bundle is built that it would refuse. */
export async function idlFiles(directory: string): Promise<Files> {
  await requireDirectory(directory, 'IDLs');
  const root = await realpath(directory);
  const files: Files = new Map();
  for await (const entry of glob('**/*', { cwd: root, withFileTypes: true })) {
    const name = relative(root, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (!entry.isFile()) throw new Error(`IDLs of ${directory}: ${name}: it must be a regular file`);
    files.set(`${IDL_DIRECTORY}/${name}`, await bytesOf(join(root, name)));
  }
  try {
    describePrograms(directory, idlFilesIn(files, directory));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replaceAll(`policy bundle ${directory}: `, `IDLs of ${directory}: `));
  }
  return files;
}

export async function bytesOf(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(file));
}

async function requireDirectory(directory: string, what: string): Promise<void> {
  const found = await stat(directory).catch(() => null);
  if (found === null || !found.isDirectory()) throw new Error(`${what} of ${directory}: there is no such directory`);
}
