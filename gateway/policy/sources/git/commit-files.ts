// Owns what is taken out of a commit: plain files with plain names, of bounded number and size, read as bytes and never checked out.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LARGEST_ARCHIVE } from '../../../state/contract/policy-store.ts';
import { COMMIT, type GitClient } from './git-client.ts';

export interface CommitEntry {
  readonly path: string;
  readonly object: string;
  readonly size: number;
}

/** The object at a path of a commit; its name changes with all that is in it. */
export interface CommitObject {
  readonly object: string;
  readonly kind: string;
}

const MOST_FILES = 50_000;
const LARGEST_FILE = 16 * 1024 * 1024;
const LARGEST_TOGETHER = 128 * 1024 * 1024;
const MOST_LISTING = 16 * 1024 * 1024;
const FILE_MODES: readonly string[] = ['100644', '100755'];
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** `path`: empty for all of it; one line. Throws an Error where there is nothing. */
export async function objectAt(git: GitClient, commit: string, path: string): Promise<CommitObject> {
  const printed = await git.run(['cat-file', '--batch-check'], { input: `${commit}:${path}\n` });
  // Else `<commit>:<path> missing`.
  const [, object, kind] = /^([0-9a-f]+) (\w+) \d+\n$/.exec(printed.toString('utf8')) ?? [];
  if (object === undefined || kind === undefined) throw new Error(`commit ${commit} has no ${path}`);
  return { object, kind };
}

/** The bytes of a bundle that stands in the repository, where `objectAt` found it. */
export async function readArchiveAt(git: GitClient, commit: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const slash = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
  const listed = await git.run(['ls-tree', '-z', '-l', `${commit}:${folder}`, '--', name], {
    mostOutput: MOST_LISTING,
  });
  const [entry] = entriesOf(listed, LARGEST_ARCHIVE);
  if (entry === undefined || entry.path !== name) throw new Error(`commit ${commit} has no ${path}`);
  const [bytes = new Uint8Array()] = await readEntries(git, [entry]);
  return bytes;
}

/** Throws an Error that names the first file that must not be in a policy repository. */
export async function listFiles(git: GitClient, tree: string): Promise<readonly CommitEntry[]> {
  const listed = await git.run(['ls-tree', '-r', '-z', '-l', tree], { mostOutput: MOST_LISTING });
  const entries = entriesOf(listed, LARGEST_FILE);
  if (entries.length > MOST_FILES) throw new Error(`it has ${entries.length} files; at most ${MOST_FILES} are read`);
  const together = entries.reduce((sum, { size }) => sum + size, 0);
  if (together > LARGEST_TOGETHER)
    throw new Error(`its files have ${together} bytes together; at most ${LARGEST_TOGETHER} are read`);
  return entries;
}

/** Writes them below a folder that is empty. */
export async function writeFiles(git: GitClient, entries: readonly CommitEntry[], directory: string): Promise<void> {
  const contents = await readEntries(git, entries);
  for (const [n, { path }] of entries.entries()) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Where the file system takes two names for one, the second is refused.
    await writeFile(file, contents[n] ?? new Uint8Array(), { flag: 'wx', mode: 0o600 });
  }
}

function entriesOf(listed: Buffer, largest: number): readonly CommitEntry[] {
  return listed
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => entryOf(line, largest));
}

/** `<mode> SP <type> SP <object> SP+ <size> TAB <path>`. */
function entryOf(line: string, largest: number): CommitEntry {
  const [, mode = '', object = '', size = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/su.exec(line) ?? [];
  const shown = JSON.stringify(path);
  if (mode === '120000')
    throw new Error(`${shown} is a symbolic link, which is not followed; put the file itself there`);
  if (mode === '160000')
    throw new Error(`${shown} is a submodule, which is not fetched; put the files themselves there`);
  if (!FILE_MODES.includes(mode) || !COMMIT.test(object)) throw new Error(`${shown} is no plain file`);
  if (!isPlainPath(path)) throw new Error(`${shown} is no name that a file may have here`);
  if (Number(size) > largest) throw new Error(`${shown} has ${size} bytes; at most ${largest} are read`);
  return { path, object, size: Number(size) };
}

function isPlainPath(path: string): boolean {
  if (path.length > 1024 || /[\\:\p{Cc}\ufffd]/u.test(path)) return false;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git');
}

/** In the order of the entries. `git cat-file --batch` answers each with `<object> blob <size>`, the bytes and a line break. */
async function readEntries(
  git: GitClient,
  entries: readonly CommitEntry[],
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  if (entries.length === 0) return [];
  const room = entries.reduce((sum, { size }) => sum + size + 128, 0);
  const input = entries.map(({ object }) => `${object}\n`).join('');
  const printed = await git.run(['cat-file', '--batch'], { input, mostOutput: room });
  let at = 0;
  return entries.map(({ path, object, size }) => {
    const head = `${object} blob ${size}\n`;
    const start = at + head.length;
    if (printed.toString('latin1', at, start) !== head || printed.length < start + size + 1) {
      throw new Error(`${JSON.stringify(path)} cannot be read out of the repository`);
    }
    at = start + size + 1;
    const bytes = new Uint8Array(printed.subarray(start, start + size));
    if (printed.toString('latin1', start, start + LFS_POINTER.length) === LFS_POINTER) {
      throw new Error(`${JSON.stringify(path)} stands in Git LFS, which is not read; put the file itself there`);
    }
    return bytes;
  });
}
