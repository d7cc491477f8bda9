// Owns the files of an embedded Postgres: its password and its cluster, made once and found again.
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { giveTo, type RunAs, spawnAs } from './run-as.ts';

export interface Cluster {
  readonly directory: string;
  readonly password: string;
}

export const SUPERUSER = 'countersign';

/** Makes the cluster if there is none yet. One that was interrupted while it was made is made anew. */
export async function openCluster(dataDirectory: string, binaries: PostgresBinaries, runAs: RunAs): Promise<Cluster> {
  const directory = join(dataDirectory, 'cluster');
  const passwordFile = join(dataDirectory, 'password');
  if (await exists(directory)) return { directory, password: await readPassword(passwordFile, directory) };
  const password = randomBytes(24).toString('base64url');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await giveTo(runAs, passwordFile);
  const unfinished = join(dataDirectory, 'cluster.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await giveTo(runAs, unfinished);
  await initialise(binaries, runAs, unfinished, passwordFile);
  await rename(unfinished, directory);
  return { directory, password };
}

async function readPassword(file: string, cluster: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.trim() !== '') return text.trim();
  throw new Error(`${file} is missing or empty; it holds the password of the database in ${cluster}: restore it`);
}

async function initialise(
  binaries: PostgresBinaries,
  runAs: RunAs,
  directory: string,
  passwordFile: string,
): Promise<void> {
  const child = spawnAs(runAs, binaries.initdb, [
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-2000);
  });
  const problem = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? null : output.trim()));
  });
  if (problem !== null) throw new Error(`the database in ${directory} could not be made: ${problem}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
