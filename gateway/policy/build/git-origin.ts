// Owns what Git says of a checkout that is built: the commit and its time, where the files are those of the commit.
import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';
import type { Origin } from './manifest.ts';

const execute = promisify(execFile);
const LONGEST_RUN_MS = 20_000;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9]+)$/;

/** Empty where it is no checkout, and where a file was changed since: then no commit is what is built. */
export async function gitOrigin(directory: string): Promise<Origin> {
  try {
    const changed = await git(directory, ['status', '--porcelain', '--', '.']);
    if (changed !== '') return {};
    const [, gitCommit, seconds] = COMMIT.exec(await git(directory, ['log', '-1', '--format=%H %ct'])) ?? [];
    if (gitCommit === undefined || env.SOURCE_DATE_EPOCH) return gitCommit === undefined ? {} : { gitCommit };
    return { gitCommit, builtAt: Number(seconds) * 1000 };
  } catch {
    return {};
  }
}

/** No program that the checkout itself names is run, and no lock is taken in it. */
async function git(directory: string, args: readonly string[]): Promise<string> {
  const settings = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false'];
  const { stdout } = await execute('git', ['--no-optional-locks', '-C', directory, ...settings, ...args], {
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  return stdout.trim();
}
