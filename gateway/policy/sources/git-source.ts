// Owns a Git repository as source: it is asked which commit a branch or tag is, and a new one is fetched, checked and made a bundle.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundleSource, type FetchedBundle, type LastBundle, WrongContent } from './bundle-source.ts';
import { buildSources } from './git/build-sources.ts';
import { listFiles, objectAt, readArchiveAt, writeFiles } from './git/commit-files.ts';
import { requireSignature } from './git/commit-signature.ts';
import { COMMIT, GIT_BOUNDS, type GitBounds, type GitClient, makeRepository, openClient } from './git/git-client.ts';
import { fetchCommit, remoteCommit } from './git/remote-commit.ts';
import { createPace, secondsSince } from './pace.ts';
import type { GitSourceConfig } from './source-config.ts';

export interface GitSourceOptions extends GitSourceConfig {
  /** Where the source makes a folder of its own, which goes when it is closed. By default that of the system. */
  readonly workDirectory?: string;
  readonly bounds?: GitBounds;
}

/** What was brought last, and the newest commit that holds the very same at its path. */
interface Brought {
  readonly token: string;
  readonly object: string;
  readonly newest: string;
}

/** Packs pile up in what is fetched into: after so many it is begun anew. */
const MOST_FETCHES = 100;

export function openGitSource(options: GitSourceOptions): BundleSource {
  const { url, ref, workDirectory = tmpdir(), bounds = GIT_BOUNDS } = options;
  const label = `git ${url} ${ref.name}`;
  const pace = createPace(options.pollIntervalMs);
  const closing = new AbortController();
  let work: string | null = null;
  let fetches = 0;
  let brought: Brought | null = null;
  let pending: Promise<unknown> = Promise.resolve();

  async function clientFor(signal: AbortSignal): Promise<{ readonly git: GitClient; readonly work: string }> {
    work ??= await mkdtemp(join(await realpath(workDirectory), 'countersign-git-'));
    const place = { source: options, work, bounds };
    const isUsable = fetches > 0 && fetches < MOST_FETCHES;
    if (isUsable) return { git: openClient(place, signal), work };
    const git = await makeRepository(place, signal);
    fetches = 1;
    return { git, work };
  }

  async function round(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle | null> {
    const here = await clientFor(signal);
    const named = await remoteCommit(here.git, options);
    const known = brought !== null && brought.token === last?.token ? brought : null;
    if (named === last?.token || named === known?.newest) return null;
    fetches += 1;
    const seenAt = performance.now();
    const commit = await fetchCommit(here.git, options, ancestorOf(last));
    try {
      return await looked({ ...here, commit, known, seenAt }, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new WrongContent(commit, messageOf(error), { cause: error });
    }
  }

  /** At a commit that came. `null`: it holds what was brought already. */
  async function looked({ known, ...at }: CommitHere & { known: Brought | null }, signal: AbortSignal) {
    const { git, commit } = at;
    const { object, kind } = await objectAt(git, commit, options.path);
    if (object === known?.object) {
      brought = { ...known, newest: commit };
      return null;
    }
    if (options.allowedSignersFile !== null) await requireSignature(git, commit, options.allowedSignersFile);
    const bundle = await bundleOf(options, { ...at, kind }, signal);
    brought = { token: commit, object, newest: commit };
    return bundle;
  }

  async function roundOrAnew(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle | null> {
    try {
      return await round(last, signal);
    } catch (error) {
      // What was interrupted may have left locks and halves behind.
      fetches = 0;
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
        const asked = roundOrAnew(last, either);
        pending = asked.catch(() => {});
        const bundle = await asked;
        if (bundle !== null) return bundle;
      }
    },
    async close() {
      closing.abort(new Error('the source was closed'));
      await pending;
      if (work !== null) await rm(work, { recursive: true, force: true });
    },
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

interface CommitHere {
  readonly git: GitClient;
  readonly work: string;
  readonly commit: string;
  readonly seenAt: number;
}

interface Fetched extends CommitHere {
  readonly kind: string;
}

async function bundleOf(
  { path, holds, allowedSignersFile }: GitSourceOptions,
  { git, work, commit, seenAt, kind }: Fetched,
  signal: AbortSignal,
): Promise<FetchedBundle> {
  const named = path === '' ? 'the repository' : path;
  if (holds === 'bundle') {
    if (kind !== 'blob') throw new Error(`commit ${commit}: ${named} must be a file`);
    const archive = await readArchiveAt(git, commit, path);
    return {
      token: commit,
      content: { kind: 'archive', archive },
      gitCommit: commit,
      builtHere: false,
      seconds: secondsSince(seenAt),
    };
  }
  if (kind !== 'tree')
    throw new Error(`commit ${commit}: ${named} must be a folder with policy sources, or end in .tar.gz`);
  const archive = await buildCommit(git, { path, work, commit }, signal);
  return {
    token: commit,
    content: { kind: 'archive', archive },
    gitCommit: commit,
    builtHere: allowedSignersFile !== null,
    seconds: secondsSince(seenAt),
  };
}

async function buildCommit(
  git: GitClient,
  { path, work, commit }: { readonly path: string; readonly work: string; readonly commit: string },
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const place = join(work, 'build');
  await rm(place, { recursive: true, force: true });
  try {
    const directory = join(place, 'sources');
    const entries = await listFiles(git, `${commit}:${path}`);
    await writeFiles(git, entries, directory);
    const seconds = (await git.run(['show', '--no-patch', '--no-show-signature', '--format=%ct', commit])).toString(
      'utf8',
    );
    const committedAt = Number(seconds.trim()) * 1000;
    return await buildSources(
      { commit, committedAt, directory, work: join(place, 'work'), cache: join(work, 'compiled') },
      signal,
    );
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
