// Owns which commit a branch or tag of the server names, and how its history comes here: shallow, and as deep as the question is.
import { WrongContent } from '../bundle-source.ts';
import type { GitSourceConfig } from '../source-config.ts';
import { COMMIT, type GitClient } from './git-client.ts';

/** What was fetched last. */
const HEAD = 'refs/countersign/head';

const MOST_COMMITS = 16 * 1024 * 1024;

/** Commits of history that are fetched to find the one before, in this order. */
const DEPTHS = [50, 500, 5_000] as const;

function refName({ ref }: GitSourceConfig): string {
  return ref.kind === 'branch' ? `refs/heads/${ref.name}` : `refs/tags/${ref.name}`;
}

/** Throws an Error where the server cannot be asked, or has no such branch or tag. */
export async function remoteCommit(git: GitClient, source: GitSourceConfig): Promise<string> {
  const name = refName(source);
  // The commit that an annotated tag is of comes under a name of its own.
  const peeled = `${name}^{}`;
  const printed = await git.run(['ls-remote', '--quiet', source.url, name, peeled], { longestMs: git.bounds.askMs });
  const found = new Map(
    printed
      .toString('utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([id = '', ref = '']) => [ref, id] as const),
  );
  const commit = found.get(peeled) ?? found.get(name);
  if (commit === undefined) {
    const { kind, name: short } = source.ref;
    throw new Error(`there is no ${kind} ${short} (any more, or yet), or the URL is not that of a Git repository`);
  }
  if (!COMMIT.test(commit)) throw new Error(`the server does not say which commit ${source.ref.name} is`);
  return commit;
}

/**
 * Fetches it, and resolves with the commit that came. Throws a WrongContent where that does not descend from `last`: the policy may only be
 * brought forward by whoever can write to the repository. `null`: nothing is known of what was before.
 */
export async function fetchCommit(git: GitClient, source: GitSourceConfig, last: string | null): Promise<string> {
  if (last === null) return fetchTo(git, source, 1);
  let commit = '';
  for (const depth of DEPTHS) {
    commit = await fetchTo(git, source, depth);
    if (commit === last || (await git.answers(['merge-base', '--is-ancestor', last, commit])) === true) return commit;
    if (!(await isCut(git))) {
      throw new WrongContent(
        commit,
        `${source.ref.kind} ${source.ref.name} is now at ${commit}, which does not descend from ${last}: its history was replaced; ` +
          '`countersign policy follow` takes it if that is meant',
      );
    }
  }
  throw new WrongContent(
    commit,
    `${source.ref.kind} ${source.ref.name} does not descend from ${last} within ${DEPTHS.at(-1)} commits; \`countersign policy follow\` takes it if that is meant`,
  );
}

async function fetchTo(git: GitClient, source: GitSourceConfig, depth: number): Promise<string> {
  const refspec = `+${refName(source)}:${HEAD}`;
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', `--depth=${depth}`];
  await git.run(['fetch', ...options, source.url, refspec], { longestMs: git.bounds.fetchMs });
  const printed = await git.run(['rev-parse', '--verify', '--end-of-options', `${HEAD}^{commit}`]);
  return printed.toString('utf8').trim();
}

/** Whether commits are missing: one that has no parent here names one. What an earlier fetch left has no part in it. */
async function isCut(git: GitClient): Promise<boolean> {
  const ends = (await git.run(['rev-list', '--max-parents=0', HEAD])).toString('utf8');
  const commits = (await git.run(['cat-file', '--batch'], { input: ends, mostOutput: MOST_COMMITS })).toString(
    'latin1',
  );
  return /^tree [0-9a-f]+\nparent /m.test(commits);
}
