// Owns the reading of a bundle from a directory: its parts, and nothing else that lies there.
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleFiles, PolicyBundle } from './bundle.ts';
import { readBundleFile } from './bundle-file.ts';
import { isPart, isPartDirectory, LARGEST_TOGETHER, largestSize, MOST_FILES, pathProblem } from './bundle-parts.ts';
import { malformed } from './malformed.ts';
import { readBundle } from './read-bundle.ts';

/** Also of what is no part: whoever names a home directory by mistake is told so soon. */
const MOST_ENTRIES = 20_000;
const DEEPEST = 16;
/** Files that are read at once. */
const AT_ONCE = 32;

/** Throws an Error that names the file and what is wrong with it. The directory itself may be reached by a symbolic link. */
export async function readBundleDirectory(directory: string): Promise<PolicyBundle> {
  return readBundle(await readDirectoryFiles(directory), directory);
}

/** The parts of a bundle that lie in a directory; whether they make a bundle, `readBundle` says. */
export async function readDirectoryFiles(directory: string): Promise<BundleFiles> {
  const paths = await partsIn(directory);
  if (paths.length > MOST_FILES) {
    throw new Error(`policy bundle ${directory}: it holds ${paths.length} files; at most ${MOST_FILES} are read`);
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let room = LARGEST_TOGETHER;
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    for (const [path, bytes] of await Promise.all(paths.slice(at, at + AT_ONCE).map(readPart))) {
      room -= bytes.length;
      if (room < 0)
        throw new Error(`policy bundle ${directory}: together its files may have ${LARGEST_TOGETHER} bytes`);
      files.set(path, bytes);
    }
  }
  return files;

  async function readPart(path: string): Promise<readonly [string, Uint8Array<ArrayBuffer>]> {
    const problem = pathProblem(path);
    if (problem !== null) throw malformed(directory, path, problem);
    return [path, await readBundleFile(directory, path, largestSize(path))];
  }
}

async function partsIn(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  let folders = [''];
  let entries = 0;
  for (let depth = 1; folders.length > 0; depth++) {
    const listed = (await Promise.all(folders.map((at) => entriesOf(root, at)))).flat();
    entries += listed.length;
    if (entries > MOST_ENTRIES) {
      throw new Error(
        `policy bundle ${root}: the directory holds more than ${MOST_ENTRIES} files; name the bundle's own`,
      );
    }
    folders = [];
    for (const { entry, path } of listed) {
      if (isRegularPart(entry, path, root)) found.push(path);
      if (entry.isDirectory() && !entry.name.startsWith('.') && depth < DEEPEST) folders.push(path);
    }
  }
  return found.sort();
}

/** A link or a directory in the place of a part is no less a mistake than a missing file. */
function isRegularPart(entry: Dirent, path: string, root: string): boolean {
  if (isPartDirectory(path)) {
    if (!entry.isDirectory()) throw malformed(root, path, 'it must be a directory');
    return false;
  }
  if (!isPart(path) || entry.isFile()) return isPart(path);
  const what = entry.isSymbolicLink() ? 'symbolic links are not followed; it must be' : 'it must be';
  throw malformed(root, path, `${what} a regular file`);
}

async function entriesOf(root: string, at: string): Promise<readonly { entry: Dirent; path: string }[]> {
  try {
    const entries = await readdir(join(root, at), { withFileTypes: true });
    return entries.map((entry) => ({ entry, path: at === '' ? entry.name : `${at}/${entry.name}` }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Error(`policy bundle ${root}: there is no such directory`);
    if (code === 'ENOTDIR') throw new Error(`policy bundle ${root}: the bundle must be a directory`);
    throw error;
  }
}
