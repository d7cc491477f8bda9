// Owns the calls of git: each a child process with a bound on its time, its output and the files that it writes.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { remoteText } from '../remote-text.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';
import type { GitSourceConfig } from '../source-config.ts';
import { gitEnvironment } from './git-environment.ts';

export interface GitClient {
  readonly bounds: GitBounds;
  /** Standard output of git. Throws an Error with what git said where it fails. */
  run(args: readonly string[], more?: GitRun): Promise<Buffer<ArrayBuffer>>;
  /** Whether git says yes (0) or no (1). `null`: neither. */
  answers(args: readonly string[]): Promise<boolean | null>;
}

/** Where a repository is fetched to, and what that may cost. */
export interface GitPlace {
  readonly source: GitSourceConfig;
  /** A folder of the source's own. */
  readonly work: string;
  readonly bounds: GitBounds;
}

export interface GitRun {
  readonly input?: string;
  readonly longestMs?: number;
  readonly mostOutput?: number;
}

/** Names of objects: SHA-1 or SHA-256. */
export const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export interface GitBounds {
  /** For the question which commit there is. */
  readonly askMs: number;
  /** For each fetch. */
  readonly fetchMs: number;
  /** MiB of each file that git writes, and so of what is fetched at once. */
  readonly fetchMib: number;
}

export const GIT_BOUNDS: GitBounds = { askMs: 20_000, fetchMs: 120_000, fetchMib: 256 };

/** For what needs no server. */
const LONGEST_MS = 30_000;
const MOST_OUTPUT = 1024 * 1024;
const MOST_MEMORY_MIB = 2_048;

/** Blocks of 512 bytes, as POSIX counts them, and KiB, where the system can bound memory. */
function bounded({ fetchMib }: GitBounds): string {
  const limits = [`ulimit -f ${fetchMib * 2048}`, 'ulimit -c 0', `ulimit -v ${MOST_MEMORY_MIB * 1024} 2>/dev/null`];
  return [...limits, 'exec git "$@"'].join('; ');
}

/** A client on an empty repository in `work`, made anew: what was there before is removed. */
export async function makeRepository(place: GitPlace, signal: AbortSignal): Promise<GitClient> {
  const repository = repositoryIn(place.work);
  await rm(repository, { recursive: true, force: true });
  await mkdir(repository, { recursive: true, mode: 0o700 });
  const client = openClient(place, signal);
  await client.run(['init', '--quiet', '--bare', '--template=', '.']);
  return client;
}

function repositoryIn(work: string): string {
  return join(work, 'repository.git');
}

/** A client on the repository that was made in `work`. */
export function openClient({ source, work, bounds }: GitPlace, signal: AbortSignal): GitClient {
  async function call(args: readonly string[], { input, longestMs, mostOutput }: GitRun): Promise<ProgramEnd> {
    const { variables, secrets } = await gitEnvironment(source, work);
    const run = {
      program: '/bin/sh',
      args: ['-c', bounded(bounds), 'git', '--git-dir=.', ...args],
      env: variables,
      directory: repositoryIn(work),
      longestMs: longestMs ?? LONGEST_MS,
      mostOutput: mostOutput ?? MOST_OUTPUT,
      ...(input === undefined ? {} : { input }),
    };
    const end = await runProgram(run, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Error(`git ${args[0]}: ${error instanceof Error ? error.message : 'it cannot be run'}`);
    });
    return { ...end, said: remoteText(explained(end, bounds), secrets) };
  }
  return {
    bounds,
    async run(args, more = {}) {
      const { code, output, said } = await call(args, more);
      if (code !== 0) throw new Error(`git ${args[0]} failed: ${said}`);
      return output;
    },
    async answers(args) {
      const { code } = await call(args, {});
      if (code === 0 || code === 1) return code === 0;
      return null;
    },
  };
}

function explained({ code, said }: ProgramEnd, { fetchMib }: GitBounds): string {
  if (code === 127) return 'there is no program git; install git 2.34 or later';
  const words = said.replace(/^hint:.*$/gm, '').trim();
  // What writes the file is ended without a word.
  return /index-pack|File too large/.test(words)
    ? `${words}; more than ${fetchMib} MiB at once are not fetched`
    : words;
}
