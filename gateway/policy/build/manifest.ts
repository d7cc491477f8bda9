// Owns the manifest of a bundle: which revision it is, what it was built from and when, and what its content hashes to.
import { createHash } from 'node:crypto';
import { env } from 'node:process';
import type { BundleFiles } from '../bundle/bundle.ts';
import { DATA_FILE, MODULE_FILE } from '../bundle/bundle-parts.ts';
import { contentDigest } from '../bundle/content-digest.ts';
import { idlFilesIn } from '../bundle/idl-files.ts';

export interface Origin {
  /** Commit of the policy repository, 40 or 64 hex; absent: not known, or not what was built. */
  readonly gitCommit?: string;
  /** Unix milliseconds; absent: SOURCE_DATE_EPOCH, else now. */
  readonly builtAt?: number;
}

/** `files`: all others of the bundle. `compiled`: opa's manifest. */
export function manifestOf(
  files: BundleFiles,
  compiled: object,
  revision: string,
  origin: Origin,
): Uint8Array<ArrayBuffer> {
  const [wasm, data] = [files.get(MODULE_FILE), files.get(DATA_FILE)];
  if (wasm === undefined || data === undefined) throw new Error('a bundle has a module and data');
  const countersign = {
    format: 1,
    input_version: 1,
    content_sha256: contentDigest(wasm, data, idlFilesIn(files, 'that is built')),
    built_at: new Date(origin.builtAt ?? sourceDate() ?? Date.now()).toISOString(),
    ...(origin.gitCommit === undefined ? {} : { git_commit: origin.gitCommit }),
  };
  return new TextEncoder().encode(JSON.stringify({ ...compiled, revision, metadata: { countersign } }));
}

/** Of everything that is in the bundle, and of nothing else: the same content has the same revision, whenever it is built. */
export function contentRevision(files: BundleFiles): string {
  const hash = createHash('sha256');
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${createHash('sha256').update(bytes).digest('hex')}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** reproducible-builds.org: seconds. */
function sourceDate(): number | null {
  const seconds = env.SOURCE_DATE_EPOCH;
  if (seconds === undefined || seconds === '') return null;
  if (!/^[0-9]{1,11}$/.test(seconds)) throw new Error(`SOURCE_DATE_EPOCH is ${seconds}; it must be Unix seconds`);
  return Number(seconds) * 1000;
}
