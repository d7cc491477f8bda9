// Owns a Git repository as source: it is asked which commit a branch or tag is, and a new one is fetched, checked and made a bundle.
import { tmpdir } from 'node:os';
import { type BundleSource, type FetchedBundle, type LastBundle, WrongContent } from './bundle-source.ts';
import { bundleOf, type CommitHere } from './git/commit-bundle.ts';
import { objectAt } from './git/commit-files.ts';
import { requireSignature } from './git/commit-signature.ts';
import { createFetchedRepository } from './git/fetched-repository.ts';
import { COMMIT, GIT_BOUNDS, type GitBounds } from './git/git-client.ts';
import { fetchCommit, remoteCommit } from './git/remote-commit.ts';
import { createPace } from './pace.ts';
import type { GitSourceConfig } from './source-config.ts';

export interface GitSourceOptions extends GitSourceConfig {
  /** Where the source makes a folder of its own, which goes when it is closed. By default that of the system. */
  readonly workDirectory?: string;
  readonly bounds?: GitBounds;
  /** Where Node keeps what it compiled of the code that builds, for sources that are opened one after the other. By default with the rest. */
  readonly codeCache?: string;
}

/** What was brought last, and the newest commit that holds the very same at its path. */
interface Brought {
  readonly token: string;
  readonly object: string;
  readonly newest: string;
}

export function openGitSource(options: GitSourceOptions): BundleSource {
  const label = `git ${options.url} ${options.ref.name}`;
  const pace = createPace(options.pollIntervalMs);
  const closing = new AbortController();
  const rounds = createRounds(options);
  let pending: Promise<unknown> = Promise.resolve();

  async function round(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle | null> {
    try {
      return await rounds.next(last, signal);
    } catch (error) {
      signal.throwIfAborted();
      const message = `${label}: ${messageOf(error)}`;
      throw error instanceof WrongContent ? new WrongContent(error.token, message) : new Error(message);
    }
  }

  return {
    origin: 'git',
    label,
    async next(last, signal) {
      const either = AbortSignal.any([signal, closing.signal]);
      for (;;) {
        await pace.turn(either);
        const asked = round(last, either);
        pending = asked.catch(() => {});
        const bundle = await asked;
        if (bundle !== null) return bundle;
      }
    },
    async close() {
      closing.abort(new Error('the source was closed'));
      await pending;
      await rounds.close();
    },
  };
}

interface Rounds {
  /** Asks once. `null`: there is nothing new. */
  next(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle | null>;
  close(): Promise<void>;
}

function createRounds(options: GitSourceOptions): Rounds {
  const { workDirectory = tmpdir(), bounds = GIT_BOUNDS, codeCache } = options;
  const repository = createFetchedRepository(options, workDirectory, bounds, codeCache);
  let brought: Brought | null = null;

  async function round(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle | null> {
    const here = await repository.open(signal);
    const named = await remoteCommit(here.git, options);
    const known = brought !== null && brought.token === last?.token ? brought : null;
    if (named === last?.token || named === known?.newest) return null;
    repository.fetched();
    const seenAt = performance.now();
    const commit = await fetchCommit(here.git, options, ancestorOf(last));
    try {
      return await looked({ ...here, commit, seenAt }, known, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new WrongContent(commit, messageOf(error), { cause: error });
    } finally {
      // For the next commit.
      if (options.holds === 'sources' && !signal.aborted) here.builder.standBy();
    }
  }

  /** At a commit that came. `null`: it holds what was brought already. */
  async function looked(here: CommitHere, known: Brought | null, signal: AbortSignal): Promise<FetchedBundle | null> {
    const { git, commit } = here;
    const { object, kind } = await objectAt(git, commit, options.path);
    if (object === known?.object) {
      brought = { ...known, newest: commit };
      return null;
    }
    if (options.allowedSignersFile !== null) await requireSignature(git, commit, options.allowedSignersFile);
    const bundle = await bundleOf(options, { ...here, kind }, signal);
    brought = { token: commit, object, newest: commit };
    return bundle;
  }

  return {
    async next(last, signal) {
      try {
        return await round(last, signal);
      } catch (error) {
        repository.spoilt();
        throw error;
      }
    },
    close: repository.close,
  };
}

/** What must be in the history of the next: the last that was good; where nobody said, the last there was. */
function ancestorOf(last: LastBundle | null): string | null {
  const commit = last?.gitCommit ?? last?.token ?? '';
  return COMMIT.test(commit) ? commit : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it cannot be read';
}
