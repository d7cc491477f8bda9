// Owns what opa made of files before: the same version, asked the same of the same files, makes the same. Kept only where whoever starts
// the process names a folder for it, in which nobody else may write.
import { hash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import type { BundleFiles } from '../bundle/bundle.ts';
import { runOpa } from './opa.ts';

/** The variable that names the folder. */
export const OPA_CACHE = 'COUNTERSIGN_OPA_CACHE';
const MOST_KEPT = 1024;
const MOST_KEPT_BYTES = 64 * 1024 * 1024;
const LARGEST_KEPT = 32 * 1024 * 1024;
const PREFIX = 'opa-';
const DIGEST_LENGTH = 64;

/** `args` and `files`: all that the answer depends on, besides opa itself. */
export async function madeOnce(
  { opa, args, files }: { readonly opa: string; readonly args: readonly string[]; readonly files: BundleFiles },
  make: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = env[OPA_CACHE];
  if (folder === undefined) return make();
  const version = await versionOf(opa);
  const contents = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, bytes]) => [path, hash('sha256', bytes)]);
  const file = join(folder, `${PREFIX}${hash('sha256', JSON.stringify([version, args, contents]))}`);
  const kept = await readKept(file);
  if (kept !== null) return kept;
  const made = await make();
  if (made.length <= LARGEST_KEPT) await keep(folder, file, made);
  return made;
}

const versions = new Map<string, Promise<string>>();

/** Asked once of each program: to ask takes longer than everything else here. */
async function versionOf(opa: string): Promise<string> {
  const program = await stat(opa, { bigint: true }).catch(() => null);
  // One that is looked up on PATH may be another the next time.
  if (program === null) return runOpa(opa, ['version']);
  const { dev, ino, size, mtimeNs, ctimeNs } = program;
  const identity = [opa, dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const known = versions.get(identity) ?? runOpa(opa, ['version']);
  versions.set(identity, known);
  known.catch(() => versions.delete(identity));
  return known;
}

/** `null`: nothing whole is there. */
async function readKept(file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const read = await readFile(file).catch(() => null);
  if (read === null) return null;
  const made = new Uint8Array(read.subarray(DIGEST_LENGTH));
  if (read.toString('latin1', 0, DIGEST_LENGTH) !== hash('sha256', made)) return null;
  // The one that was of no use for the longest goes first.
  await utimes(file, new Date(), new Date());
  return made;
}

async function keep(folder: string, file: string, made: Uint8Array): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, Buffer.concat([Buffer.from(hash('sha256', made), 'latin1'), made]), { mode: 0o600 });
  await rename(unfinished, file);
  const names = (await readdir(folder)).filter((name) => name.startsWith(PREFIX));
  // Another that is kept at the same time may have another name by now.
  const found = names.map(async (name) => ({ name, facts: await stat(join(folder, name)).catch(() => null) }));
  const newestFirst = (await Promise.all(found))
    .flatMap(({ name, facts }) => (facts === null ? [] : [{ name, size: facts.size, usedAt: facts.mtimeMs }]))
    .sort((a, b) => b.usedAt - a.usedAt);
  let bytes = 0;
  const old = newestFirst.filter(({ size }, at) => {
    bytes += size;
    return at >= MOST_KEPT || bytes > MOST_KEPT_BYTES;
  });
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}
