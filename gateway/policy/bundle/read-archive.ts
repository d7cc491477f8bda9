// Owns the reading of a bundle from a gzipped tar, as `opa build` and GNU tar write it: only plain files, within bounds, or nothing.

import { gunzipSync } from 'node:zlib';
import { LARGEST_ARCHIVE } from '../../state/contract/policy-store.ts';
import type { BundleFiles } from './bundle.ts';
import { LARGEST_TOGETHER, largestSize, MOST_FILES, pathKey, pathProblem } from './bundle-parts.ts';
import { malformed } from './malformed.ts';
import { readTar, type TarEntry } from './read-tar.ts';

/** Directories have entries too. */
const MOST_ENTRIES = 2 * MOST_FILES;

/** Inflating holds the thread for up to a second at the largest size. Throws an Error with the label, and the path where there is one. */
export function readArchive(archive: Uint8Array, label: string): BundleFiles {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const keys = new Map<string, 'file' | 'directory'>();
  let entries = 0;
  for (const entry of entriesOf(inflate(archive, label), label)) {
    entries += 1;
    if (entries > MOST_ENTRIES) throw refused(label, `it has more than ${MOST_ENTRIES} entries`);
    const path = pathOf(entry, label);
    if (path === '') continue;
    claim(keys, path, entry.kind, label);
    if (entry.kind === 'directory') continue;
    if (files.size === MOST_FILES) throw refused(label, `it has more than ${MOST_FILES} files`);
    const largest = largestSize(path);
    if (entry.bytes.length > largest) {
      throw malformed(label, path, `it has ${entry.bytes.length} bytes; at most ${largest} are read`);
    }
    // A copy: what is kept of the archive must not keep all of it.
    files.set(path, new Uint8Array(entry.bytes));
  }
  return files;
}

function inflate(archive: Uint8Array, label: string): Uint8Array {
  if (archive.length > LARGEST_ARCHIVE) {
    throw refused(label, `it has ${archive.length} bytes; at most ${LARGEST_ARCHIVE} are read`);
  }
  try {
    const inflated: unknown = gunzipSync(archive, { info: true, maxOutputLength: LARGEST_TOGETHER });
    const { buffer, consumed } = withCount(inflated);
    if (consumed !== archive.length) throw new Error(`${archive.length - consumed} bytes follow its end`);
    return buffer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw refused(label, `it unpacks to more than ${LARGEST_TOGETHER} bytes; no more is read`);
    }
    throw refused(label, `it is no whole gzip file: ${error instanceof Error ? error.message : error}`);
  }
}

/** With `info`, zlib tells how much of the archive it took; its type does not say so. */
function withCount(inflated: unknown): { readonly buffer: Uint8Array; readonly consumed: number } {
  if (typeof inflated === 'object' && inflated !== null && 'buffer' in inflated && 'engine' in inflated) {
    const { buffer, engine } = inflated;
    const consumed: unknown =
      typeof engine === 'object' && engine !== null ? Reflect.get(engine, 'bytesWritten') : null;
    if (buffer instanceof Uint8Array && typeof consumed === 'number') return { buffer, consumed };
  }
  throw new Error('zlib did not say how much it read');
}

function* entriesOf(tar: Uint8Array, label: string): Generator<TarEntry> {
  try {
    yield* readTar(tar);
  } catch (error) {
    throw refused(label, error instanceof Error ? error.message : String(error));
  }
}

/** `opa build` writes `/data.json`, and `tar -C bundle .` writes `./data.json`: both mean the root of the bundle. */
function pathOf({ name, kind }: TarEntry, label: string): string {
  const relative = name.replace(/^(\.\/|\/)/, '');
  const path = kind === 'directory' ? relative.replace(/\/$/, '') : relative;
  if (kind === 'directory' && (path === '' || path === '.')) return '';
  const problem = pathProblem(path);
  if (problem !== null) throw malformed(label, JSON.stringify(name), problem);
  return path;
}

/** What one file system would keep as two files and another as one is refused, and what would be a file and a directory at once. */
function claim(keys: Map<string, 'file' | 'directory'>, path: string, kind: 'file' | 'directory', label: string): void {
  const parts = pathKey(path).split('/');
  for (let i = 1; i < parts.length; i++) {
    const above = parts.slice(0, i).join('/');
    if (keys.get(above) === 'file') throw malformed(label, path, 'it lies in a file');
    keys.set(above, 'directory');
  }
  const key = parts.join('/');
  const before = keys.get(key);
  if (before !== undefined && (before === 'file' || kind === 'file')) {
    throw malformed(label, path, 'another entry has the same path, perhaps in other letters');
  }
  keys.set(key, kind);
}

function refused(label: string, what: string): Error {
  return new Error(`policy bundle ${label}: the archive is refused: ${what}`);
}
