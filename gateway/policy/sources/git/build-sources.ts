// Owns how policy sources become a bundle: each time in a process of its own, which sees little of the machine and is ended when it takes
// too long. The process of the next build is started ahead, and waits: starting takes longer than a build whose Rego is known.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LARGEST_ARCHIVE } from '../../../state/contract/policy-store.ts';
import { findOpa, PROJECT } from '../../build/opa.ts';
import { OPA_CACHE } from '../../build/opa-cache.ts';
import { readBounded } from '../read-bounded.ts';
import { remoteText } from '../remote-text.ts';
import { type ProgramEnd, type ProgramRun, runProgram } from '../run-program.ts';

export interface CommitToBuild {
  readonly commit: string;
  /** Unix milliseconds. */
  readonly committedAt: number;
}

export interface Builder {
  /** Starts the process of the next build, if none waits. */
  standBy(): void;
  /**
   * `fill` writes the files of the commit. The same commit gives the same bundle, wherever it is built. One call at a time. Throws an
   * Error that says what is wrong with the sources, and the signal's reason.
   */
  build(
    commit: CommitToBuild,
    fill: (directory: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

interface Standby {
  readonly places: Places;
  /** Once they are there. */
  readonly ready: Promise<void>;
  readonly ended: Promise<ProgramEnd>;
  begin(input: string): void;
  end(why: unknown): void;
}

interface Caches {
  readonly opa: string;
  readonly code: string;
}

interface Places {
  readonly all: string;
  readonly directory: string;
  readonly work: string;
  readonly archive: string;
}

const WORKER = join(import.meta.dirname, 'build-worker.ts');
const LONGEST_BUILD_MS = 180_000;
const LONGEST_MESSAGE = 2_000;
const MOST_HEAP_MIB = 1_024;

/**
 * Works below `root`, and leaves there what need not be compiled again; what Node compiled of this code itself in `codeCache`, in which
 * nobody else may write.
 */
export function createBuilder(root: string, codeCache = join(root, 'code')): Builder {
  const caches = { opa: join(root, 'compiled'), code: codeCache };
  let next: Standby | null = null;

  function start(): Standby {
    const places = placesIn(root);
    const ending = new AbortController();
    const input = Promise.withResolvers<string>();
    const ready = makePlaces(places, caches);
    const ended = ready.then(() => runProgram({ ...programFor(places, caches), input: input.promise }, ending.signal));
    const standby = { places, ready, ended, begin: input.resolve, end: (why: unknown) => ending.abort(why) };
    // One that ends before it is needed, for whatever reason, is replaced by another.
    const over = () => {
      if (next === standby) next = null;
    };
    ended.then(over, over);
    return standby;
  }

  async function finish({ ended, places, end }: Standby): Promise<void> {
    end(new Error('it is of no more use'));
    await ended.catch(() => {});
    await rm(places.all, { recursive: true, force: true });
  }

  return {
    standBy() {
      next ??= start();
    },
    async build({ commit, committedAt }, fill, signal) {
      const builder = next ?? start();
      next = null;
      const { places, ready, ended, begin, end } = builder;
      const aborted = () => end(signal.reason);
      signal.addEventListener('abort', aborted);
      try {
        signal.throwIfAborted();
        await ready;
        await fill(places.directory);
        begin(JSON.stringify({ commit, committedAt }));
        const { code, said } = await ended.catch((error: unknown) => {
          signal.throwIfAborted();
          throw failed(commit, error instanceof Error ? error.message : 'it cannot be run');
        });
        if (code !== 0) throw failed(commit, withoutPlace(said, places.directory));
        return await readBounded(places.archive, LARGEST_ARCHIVE);
      } finally {
        signal.removeEventListener('abort', aborted);
        await finish(builder);
      }
    },
    async close() {
      const waiting = next;
      next = null;
      if (waiting !== null) await finish(waiting);
    },
  };
}

function placesIn(root: string): Places {
  const all = join(root, 'build');
  const work = join(all, 'work');
  return { all, directory: join(all, 'sources'), work, archive: join(work, 'bundle.tar.gz') };
}

/** They are there before the process starts: what it may read is told by what is there. */
async function makePlaces({ all, directory, work }: Places, { opa, code }: Caches): Promise<void> {
  await rm(all, { recursive: true, force: true });
  for (const folder of [directory, work, opa, code]) await mkdir(folder, { recursive: true, mode: 0o700 });
}

function programFor({ directory, work, archive }: Places, { opa, code }: Caches): ProgramRun {
  const permitted = [
    '--permission',
    ...[PROJECT, directory, work, opa, code].map((folder) => `--allow-fs-read=${folder}`),
    ...[work, opa, code].map((folder) => `--allow-fs-write=${folder}`),
    '--allow-child-process',
  ];
  return {
    program: process.execPath,
    args: [...permitted, '--no-warnings', `--max-old-space-size=${MOST_HEAP_MIB}`, WORKER, directory, archive],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: work,
      TMPDIR: work,
      LC_ALL: 'C',
      OPA: findOpa(),
      NODE_COMPILE_CACHE: code,
      [OPA_CACHE]: opa,
    },
    directory: work,
    longestMs: LONGEST_BUILD_MS,
    mostOutput: 64 * 1024,
  };
}

function withoutPlace(said: string, directory: string): string {
  return said.replaceAll(`${directory}/`, '').replaceAll(directory, 'the repository');
}

function failed(commit: string, why: string): Error {
  return new Error(`the policy of commit ${commit} cannot be built: ${remoteText(why, [], LONGEST_MESSAGE)}`);
}
