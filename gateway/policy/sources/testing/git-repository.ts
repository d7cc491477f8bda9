// Owns a bare Git repository for tests, a clone in which commits for it are made, and the source that follows it.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BundleSource } from '../bundle-source.ts';
import { type GitSourceOptions, openGitSource } from '../git-source.ts';

/** Where the bundle stands in the repository. */
export const BUNDLE = 'dist/bundle.tar.gz';

/** Of `main`, with the bundle that is built; works below `folder`. */
export function openTestSource(
  folder: string,
  options: Partial<GitSourceOptions> & { readonly url: string },
): BundleSource {
  return openGitSource({
    kind: 'git',
    ref: { kind: 'branch', name: 'main' },
    path: BUNDLE,
    holds: 'bundle',
    pollIntervalMs: 50,
    login: { kind: 'none' },
    caFile: null,
    allowedSignersFile: null,
    workDirectory: folder,
    ...options,
  });
}

export interface TestRepository {
  /** The bare one. */
  readonly directory: string;
  readonly url: string;
  /** Runs git in the clone and returns what it printed. */
  git(...args: readonly string[]): string;
  gitWith(input: string | Buffer, ...args: readonly string[]): string;
  /** Writes the files (`null`: takes them away), commits and pushes `main`. Returns the commit. */
  commit(files: Readonly<Record<string, string | Uint8Array | null>>, ...options: readonly string[]): string;
  /** As `commit`, signed with an SSH key. */
  commitSigned(keyFile: string, files: Readonly<Record<string, string | Uint8Array | null>>): string;
  push(...refs: readonly string[]): void;
}

/** Both in `folder`. */
export function makeTestRepository(folder: string): TestRepository {
  const [directory, clone] = [join(folder, 'policies.git'), join(folder, 'clone')];
  const run = (input: string | Buffer, args: readonly string[], cwd: string) =>
    execFileSync('git', args, { cwd, input, env: environment(folder), stdio: 'pipe' })
      .toString()
      .trim();
  const init = ['init', '--quiet', '--template=', '--initial-branch=main'];
  run('', [...init, '--bare', directory], folder);
  run('', [...init, clone], folder);
  appendFileSync(join(directory, 'config'), '[receive]\n\tdenyDeleteCurrent = ignore\n\tautogc = false\n');
  appendFileSync(join(clone, '.git', 'config'), '[maintenance]\n\tauto = false\n[gpg]\n\tformat = ssh\n');
  // What is committed in the clone is in the bare one too, which only has to be told: to push it takes ten times as long.
  mkdirSync(join(directory, 'objects', 'info'), { recursive: true });
  writeFileSync(join(directory, 'objects', 'info', 'alternates'), `${join(clone, '.git', 'objects')}\n`);
  const repository: TestRepository = {
    directory,
    url: `file://${directory}`,
    git: (...args) => run('', args, clone),
    gitWith: (input, ...args) => run(input, args, clone),
    commit(files, ...options) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(clone, path);
        mkdirSync(dirname(file), { recursive: true });
        if (text === null) rmSync(file, { recursive: true });
        else writeFileSync(file, text);
      }
      const args = ['-c', COMMIT, directory, '--message', 'a change', ...options];
      return execFileSync('sh', args, { cwd: clone, env: environment(folder), stdio: 'pipe' })
        .toString()
        .trim();
    },
    commitSigned: (keyFile, files) => repository.commit(files, `--gpg-sign=${keyFile}`),
    push: (...refs) => void run('', ['push', '--quiet', '--force', directory, ...refs], clone),
  };
  return repository;
}

/** Commits all that the clone holds, with the arguments, to `main` of the bare repository `$0` too, and prints which commit it is. */
const COMMIT = `git add --all && git commit --quiet --allow-empty "$@" &&
  commit=$(git rev-parse HEAD) && git --git-dir="$0" update-ref refs/heads/main "$commit" && echo "$commit"`;

function environment(home: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'An Author',
    GIT_AUTHOR_EMAIL: 'author@example.com',
    GIT_COMMITTER_NAME: 'A Committer',
    GIT_COMMITTER_EMAIL: 'committer@example.com',
  };
}
