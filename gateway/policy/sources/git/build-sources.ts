// Owns how policy sources become a bundle: in a process of its own, which sees little of the machine and is ended when it takes too
// long.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LARGEST_ARCHIVE } from '../../../state/policy-store.ts';
import { findOpa, PROJECT } from '../../build/opa.ts';
import { readBounded } from '../read-bounded.ts';
import { remoteText } from '../remote-text.ts';
import { runProgram } from '../run-program.ts';

export interface SourcesOfCommit {
  readonly commit: string;
  /** Unix milliseconds. */
  readonly committedAt: number;
  /** Folder with the files of the commit. */
  readonly directory: string;
  /** Folder of the build's own; empty. */
  readonly work: string;
  /** Folder for what Node.js need not compile again at the next build. */
  readonly cache: string;
}

const WORKER = join(import.meta.dirname, 'build-worker.ts');
const LONGEST_BUILD_MS = 180_000;
const LONGEST_MESSAGE = 2_000;
const MOST_HEAP_MIB = 1_024;

/** The same commit gives the same bundle, wherever it is built. Throws an Error that says what is wrong with the sources. */
export async function buildSources(sources: SourcesOfCommit, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const { commit, committedAt, directory, work, cache } = sources;
  for (const folder of [work, cache]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const archive = join(work, 'bundle.tar.gz');
  const permitted = [
    '--permission',
    ...[PROJECT, directory, work, cache].map((folder) => `--allow-fs-read=${folder}`),
    ...[work, cache].map((folder) => `--allow-fs-write=${folder}`),
    '--allow-child-process',
  ];
  const end = await runProgram(
    {
      program: process.execPath,
      args: [
        ...permitted,
        '--no-warnings',
        `--max-old-space-size=${MOST_HEAP_MIB}`,
        WORKER,
        ...[directory, commit, String(committedAt), archive],
      ],
      env: {
        PATH: process.env.PATH ?? '',
        HOME: work,
        TMPDIR: work,
        LC_ALL: 'C',
        OPA: findOpa(),
        NODE_COMPILE_CACHE: cache,
      },
      directory: work,
      longestMs: LONGEST_BUILD_MS,
      mostOutput: 64 * 1024,
    },
    signal,
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    throw failed(commit, error instanceof Error ? error.message : 'it cannot be run');
  });
  if (end.code !== 0)
    throw failed(commit, end.said.replaceAll(`${directory}/`, '').replaceAll(directory, 'the repository'));
  return readBounded(archive, LARGEST_ARCHIVE);
}

function failed(commit: string, why: string): Error {
  return new Error(`the policy of commit ${commit} cannot be built: ${remoteText(why, [], LONGEST_MESSAGE)}`);
}
