// Owns how a revision of a policy repository is laid out beside it: by Git alone, without touching work tree, index or branches.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const LONGEST_OUTPUT = 16 * 1024 * 1024;
const LONGEST_RUN_MS = 60_000;

export interface Checkout {
  /** The repository as it was, within its Git repository. */
  readonly directory: string;
  readonly commit: string;
  /** Unix milliseconds. */
  readonly time: number;
}

/** What it lays out is gone when `use` is done. Throws with what Git said. */
export async function withCheckout<T>(
  directory: string,
  revision: string,
  use: (checkout: Checkout) => Promise<T>,
): Promise<T> {
  const root = resolve(directory);
  if (revision.startsWith('-')) throw new Error(`${revision} is no Git revision`);
  const commit = (await git(root, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], revision)).trim();
  const time = Number(await git(root, ['log', '-1', '--format=%ct', commit], revision)) * 1000;
  const prefix = (await git(root, ['rev-parse', '--show-prefix'], revision)).trim();
  const work = await mkdtemp(join(tmpdir(), 'countersign-revision-'));
  try {
    const index = { GIT_INDEX_FILE: join(work, 'index') };
    const tree = join(work, 'tree');
    await mkdir(join(tree, prefix), { recursive: true });
    await git(root, ['read-tree', commit], revision, index);
    // From the top: checkout-index names paths by where it runs.
    const top = (await git(root, ['rev-parse', '--show-toplevel'], revision)).trim();
    await git(top, ['checkout-index', '--all', `--prefix=${tree}/`], revision, index);
    return await use({ directory: join(tree, prefix), commit, time });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function git(
  directory: string,
  args: readonly string[],
  revision: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await execute('git', ['-C', directory, ...args], {
      env: { ...env, ...more },
      killSignal: 'SIGKILL',
      maxBuffer: LONGEST_OUTPUT,
      timeout: LONGEST_RUN_MS,
    });
    return stdout;
  } catch (error) {
    const said =
      error instanceof Error ? String(Reflect.get(error, 'stderr') ?? '').trim() || error.message : String(error);
    throw new Error(
      args.includes('--verify')
        ? `${directory} has no Git revision ${revision}`
        : `git ${args[0]} of ${revision}: ${said}`,
    );
  }
}
