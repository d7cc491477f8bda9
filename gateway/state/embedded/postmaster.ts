// Owns one run of the Postgres server process: start until ready, stop, and the end of one that a dead gateway left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunAs, spawnAs } from './run-as.ts';
import { findProcess } from './running-process.ts';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<void>;
}

export type StartResult =
  | { readonly kind: 'ready'; readonly postmaster: Postmaster }
  | { readonly kind: 'exited'; readonly lines: readonly string[] };

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=on',
  'synchronous_commit=on',
  'full_page_writes=on',
  'max_connections=100',
  'password_encryption=scram-sha-256',
  'timezone=UTC',
  'log_timezone=UTC',
  'lc_messages=C',
  'log_checkpoints=off',
  // Details of an error would show values.
  'log_error_verbosity=terse',
];

export async function startPostmaster(
  runAs: RunAs,
  program: string,
  cluster: string,
  port: number,
  log: (line: string) => void,
): Promise<StartResult> {
  const args = ['-D', cluster, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])];
  const child = spawnAs(runAs, program, args);
  const { pid, stderr } = child;
  if (pid === undefined || stderr === null) return { kind: 'exited', lines: [await spawnError(child)] };
  const guard = guardAgainstOurDeath(pid);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
    guard.kill('SIGKILL');
  });
  const lines: string[] = [];
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: stderr }).on('line', (line) => {
      log(line);
      if (lines.push(line) > 20) lines.shift();
      if (line.includes('database system is ready to accept connections')) resolve(true);
    });
    void exited.then(() => resolve(false));
  });
  if (!(await ready)) return { kind: 'exited', lines };
  // A finished gateway is not kept alive by its database: the guard stops it.
  child.unref();
  if ('unref' in stderr && typeof stderr.unref === 'function') stderr.unref();
  return { kind: 'ready', postmaster: { pid, port, exited } };
}

function spawnError(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.once('error', (error) => resolve(error.message)));
}

/** Its standard input ends when this process does, however it dies; then it asks Postgres to shut down. */
export function guardAgainstOurDeath(pid: number): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r line; kill -INT "$0"', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.once('error', () => {});
  guard.unref();
  const { stdin } = guard;
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return guard;
}

/** Ends it: politely (open transactions are rolled back, everything is written), then with force. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  await endProcess(postmaster.pid, postmaster.exited);
}

async function endProcess(pid: number, exited: Promise<void>): Promise<void> {
  // The id of one that has ended may be a stranger's by now.
  if (await endsWithin(exited, 0)) return;
  const steps = [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, patienceMs] of steps) {
    sendSignal(pid, signal);
    if (await endsWithin(exited, patienceMs)) return;
  }
  throw new Error(`the Postgres process ${pid} does not end`);
}

async function endsWithin(exited: Promise<void>, patienceMs: number): Promise<boolean> {
  const waiting = new AbortController();
  const timeout = delay(patienceMs, false, { signal: waiting.signal }).catch(() => false);
  const ended = await Promise.race([exited.then(() => true), timeout]);
  waiting.abort();
  return ended;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/**
 * Stops a server that still runs in this cluster although its gateway is dead. Never signals a process that is not one; where the id
 * was given to a stranger meanwhile, it removes the file that would make Postgres refuse to start.
 */
export async function stopOrphan(cluster: string, log: (line: string) => void): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text.split('\n')[0] ?? '', 10);
  const found = Number.isSafeInteger(pid) && pid > 0 ? await findProcess(pid) : null;
  if (found === null) return;
  if (!isPostmasterOf(found.command, cluster)) return rm(pidFile, { force: true });
  log(`stopping Postgres (process ${pid}), which a gateway that is gone left behind`);
  await endProcess(pid, untilGone(pid, found.startToken));
}

function isPostmasterOf(command: string, cluster: string): boolean {
  return command.includes(`postgres -D ${cluster} -p `);
}

async function untilGone(pid: number, startToken: string): Promise<void> {
  for (;;) {
    const found = await findProcess(pid);
    if (found === null || found.startToken !== startToken) return;
    await delay(20);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the system gave no free port');
  return address.port;
}
