// Owns what a commit becomes: the bundle that stands in it, or the one that is built of its sources.
import type { FetchedBundle } from '../bundle-source.ts';
import { secondsSince } from '../pace.ts';
import type { GitSourceConfig } from '../source-config.ts';
import type { Builder } from './build-sources.ts';
import { listFiles, readArchiveAt, writeFiles } from './commit-files.ts';
import type { GitClient } from './git-client.ts';

export interface CommitHere {
  readonly git: GitClient;
  readonly builder: Builder;
  readonly commit: string;
  /** When the server named it first, by performance.now(). */
  readonly seenAt: number;
}

/** `kind`: of the object at the path. Throws an Error that says what is wrong with it, and the signal's reason. */
export async function bundleOf(
  source: Pick<GitSourceConfig, 'path' | 'holds' | 'allowedSignersFile'>,
  { kind, ...here }: CommitHere & { readonly kind: string },
  signal: AbortSignal,
): Promise<FetchedBundle> {
  const { path, holds, allowedSignersFile } = source;
  const { git, commit, seenAt } = here;
  const named = path === '' ? 'the repository' : path;
  if (holds === 'bundle' && kind !== 'blob') throw new Error(`commit ${commit}: ${named} must be a file`);
  if (holds === 'sources' && kind !== 'tree')
    throw new Error(`commit ${commit}: ${named} must be a folder with policy sources, or end in .tar.gz`);
  const archive =
    holds === 'bundle' ? await readArchiveAt(git, commit, path) : await archiveOfSources(path, here, signal);
  return {
    token: commit,
    content: { kind: 'archive', archive },
    gitCommit: commit,
    builtHere: holds === 'sources' && allowedSignersFile !== null,
    seconds: secondsSince(seenAt),
  };
}

async function archiveOfSources(
  path: string,
  { git, builder, commit }: CommitHere,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = await listFiles(git, `${commit}:${path}`);
  const printed = await git.run(['show', '--no-patch', '--no-show-signature', '--format=%ct', commit]);
  const committedAt = Number(printed.toString('utf8').trim()) * 1000;
  return builder.build({ commit, committedAt }, (directory) => writeFiles(git, entries, directory), signal);
}
