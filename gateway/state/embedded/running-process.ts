// Owns what can be known of another process by its id, so that an id that was given to a stranger is never signalled.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface RunningProcess {
  /** Arguments joined by blanks. */
  readonly command: string;
  /** Differs between two processes that had the same id. */
  readonly startToken: string;
}

/** `null`: there is no such process (or it is a zombie that only waits to be collected). */
export async function findProcess(pid: number): Promise<RunningProcess | null> {
  return process.platform === 'linux' ? findOnLinux(pid) : findByPs(pid);
}

async function findOnLinux(pid: number): Promise<RunningProcess | null> {
  try {
    const [command, stat] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The name in parentheses may hold anything; what follows is split by blanks: state is the first, start time the 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { command: command.replaceAll('\0', ' ').trim(), startToken: fields[19] ?? '' };
  } catch {
    return null;
  }
}

async function findByPs(pid: number): Promise<RunningProcess | null> {
  try {
    const [command, started] = await Promise.all([
      run('ps', ['-o', 'command=', '-p', String(pid)]),
      run('ps', ['-o', 'lstart=', '-p', String(pid)]),
    ]);
    return { command: command.stdout.trim(), startToken: started.stdout.trim() };
  } catch {
    return null;
  }
}
