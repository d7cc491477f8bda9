// Owns the calls of git: each a child process with a bound on its time, its output and the files that it writes.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { remoteText } from '../remote-text.ts';
import { type ProgramEnd, runProgram } from '../run-program.ts';
import type { GitSourceConfig } from '../source-config.ts';
import { gitEnvironment } from './git-environment.ts';

export interface GitClient {
  /** Standard output of git. Throws an Error with what git said where it fails. */
  run(args: readonly string[], more?: GitRun): Promise<Buffer<ArrayBuffer>>;
  /** Whether git says yes (0) or no (1). `null`: neither. */
  answers(args: readonly string[]): Promise<boolean | null>;
}

export interface GitRun {
  readonly input?: string;
  readonly longestMs?: number;
  readonly mostOutput?: number;
}

/** Names of objects: SHA-1 or SHA-256. */
export const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const LONGEST_MS = 30_000;
const MOST_OUTPUT = 1024 * 1024;
/** Each file that git writes, and so what is fetched at once. */
export const LARGEST_FETCH_MIB = 256;
const MOST_MEMORY_MIB = 2_048;

/** Blocks of 512 bytes, as POSIX counts them, and KiB, where the system can bound memory. */
const BOUNDED = [
  `ulimit -f ${LARGEST_FETCH_MIB * 2048}`,
  'ulimit -c 0',
  `ulimit -v ${MOST_MEMORY_MIB * 1024} 2>/dev/null`,
  'exec git "$@"',
].join('; ');

/** A client on an empty repository in `work`, made anew: what was there before is removed. */
export async function makeRepository(source: GitSourceConfig, work: string, signal: AbortSignal): Promise<GitClient> {
  const repository = repositoryIn(work);
  await rm(repository, { recursive: true, force: true });
  await mkdir(repository, { recursive: true, mode: 0o700 });
  const client = openClient(source, work, signal);
  await client.run(['init', '--quiet', '--bare', '--template=', '.']);
  return client;
}

function repositoryIn(work: string): string {
  return join(work, 'repository.git');
}

/** A client on the repository that was made in `work`. */
export function openClient(source: GitSourceConfig, work: string, signal: AbortSignal): GitClient {
  async function call(args: readonly string[], { input, longestMs, mostOutput }: GitRun): Promise<ProgramEnd> {
    const { variables, secrets } = await gitEnvironment(source, work);
    const run = {
      program: '/bin/sh',
      args: ['-c', BOUNDED, 'git', '--git-dir=.', ...args],
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
    return { ...end, said: remoteText(explained(end), secrets) };
  }
  return {
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

function explained({ code, said }: ProgramEnd): string {
  if (code === 127) return 'there is no program git; install git 2.34 or later';
  const tooLarge = /died of signal 25|File too large/.test(said);
  return tooLarge
    ? `more than ${LARGEST_FETCH_MIB} MiB came, which is the most that is fetched`
    : said.replace(/^hint:.*$/gm, '');
}
