// Owns how a new policy repository comes into Git.
import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const LONGEST_RUN_MS = 20_000;

/** `ready`: what is there can be committed. `no git`: there is no such program here. Throws with what Git said. */
export async function initGit(directory: string): Promise<'ready' | 'no git'> {
  try {
    if (!(await isCheckout(directory))) await git(directory, ['init', '--quiet', '--initial-branch=main']);
    return 'ready';
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') return 'no git';
    throw error;
  }
}

/** Also where a directory above it is one. */
async function isCheckout(directory: string): Promise<boolean> {
  try {
    await git(directory, ['rev-parse', '--is-inside-work-tree']);
    return true;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') throw error;
    return false;
  }
}

async function git(directory: string, args: readonly string[]): Promise<void> {
  // Whoever runs this in a hook has variables that mean another repository.
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
  await execute('git', ['-C', directory, ...args], { env: own, timeout: LONGEST_RUN_MS, killSignal: 'SIGKILL' });
}
