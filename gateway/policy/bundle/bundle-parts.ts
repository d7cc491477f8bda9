// Owns which files a bundle may hold: how large each may be, and which names are refused because OPA reads them as something else.
import { LARGEST_IDL_BYTES } from '../../core/transaction/idl/read-idl.ts';
import { FIXTURE_DIRECTORY } from './fixture-files.ts';
import { IDL_DIRECTORY } from './idl-files.ts';

const MEBIBYTE = 1024 * 1024;

export const MOST_FILES = 2_000;
export const LARGEST_TOGETHER = 256 * MEBIBYTE;
export const LONGEST_PATH_BYTES = 256;

export const MANIFEST_FILE = '.manifest';
export const DATA_FILE = 'data.json';
export const MODULE_FILE = 'policy.wasm';
export const SIGNATURES_FILE = '.signatures.json';
export const DATA_SCHEMA_FILE = 'schema/data.json';

/** Directories in which every file is a part. */
const PART_DIRECTORIES: readonly string[] = [IDL_DIRECTORY, FIXTURE_DIRECTORY, 'schema'];

const LARGEST: Readonly<Record<string, number>> = {
  [MANIFEST_FILE]: MEBIBYTE,
  [DATA_FILE]: 64 * MEBIBYTE,
  [MODULE_FILE]: 32 * MEBIBYTE,
  [SIGNATURES_FILE]: MEBIBYTE,
};

/** Largest size in bytes of the file at this path. */
export function largestSize(path: string): number {
  return LARGEST[path] ?? (path.startsWith(`${IDL_DIRECTORY}/`) ? LARGEST_IDL_BYTES : 2 * MEBIBYTE);
}

/** Whether the gateway or OPA reads it; what else lies in a directory is no part of its bundle. */
export function isPart(path: string): boolean {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return (
    Object.hasOwn(LARGEST, path) ||
    PART_DIRECTORIES.some((directory) => path === directory || path.startsWith(`${directory}/`)) ||
    path.endsWith('.rego') ||
    misplaced(path, base) !== null
  );
}

export function isPartDirectory(path: string): boolean {
  return PART_DIRECTORIES.includes(path);
}

/** What is wrong with a file of this path in a bundle; `null`: nothing. */
export function pathProblem(path: string): string | null {
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES) return `its path is longer than ${LONGEST_PATH_BYTES} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\\\x00-\x1f\x7f]/.test(path)) return 'its path has a backslash or a control character';
  if (!path.isWellFormed()) return 'its path is not well-formed Unicode';
  if (path.split('/').some((name) => name === '' || name === '.' || name === '..')) {
    return 'its path must be relative, without empty parts, . or ..';
  }
  return misplaced(path, path.slice(path.lastIndexOf('/') + 1));
}

/** Two files of one bundle whose paths have the same key would be one file on some file systems. */
export function pathKey(path: string): string {
  return path.normalize('NFKC').toLowerCase();
}

/** OPA takes these names for parts wherever they lie; it would then judge by what this gateway does not read. */
function misplaced(path: string, base: string): string | null {
  if (base === 'patch.json') return 'delta bundles are not accepted; build a whole one';
  if (base === 'data.yaml' || base === 'data.yml') return 'data must be JSON, in data.json';
  if (base === 'plan.json' || base === 'plan.pb') return 'plans are not evaluated; build with the target wasm';
  if (base.endsWith('.manifest.pb')) return 'the manifest must be JSON, in .manifest';
  const elsewhere =
    (base === DATA_FILE && path !== DATA_FILE && path !== DATA_SCHEMA_FILE) ||
    (base === MODULE_FILE && path !== MODULE_FILE) ||
    (base.endsWith('.manifest') && path !== MANIFEST_FILE) ||
    (base.endsWith('signatures.json') && path !== SIGNATURES_FILE);
  return elsewhere ? 'opa reads a file of this name as a part of the bundle, which it is not here; rename it' : null;
}
