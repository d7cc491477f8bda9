// Owns Postgres servers for tests of what a single embedded one cannot show: a primary with its standby, or one that is not durable.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { vi } from 'vitest';
import { type Cluster, openCluster, SUPERUSER } from '../embedded/cluster.ts';
import { findPostgresBinaries } from '../embedded/postgres-binaries.ts';
import { freePort, guardAgainstOurDeath } from '../embedded/postmaster.ts';
import { chooseRunAs, giveTo, type RunAs, spawnAs } from '../embedded/run-as.ts';

export interface BarePostgres {
  readonly port: number;
  readonly password: string;
  readonly url: string;
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** As a crash of the machine ends it: without a word to anybody. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

const binaries = findPostgresBinaries();

/** A server of its own; `settings` as `name=value`. It reads `files`. */
export async function startBarePostgres(
  settings: readonly string[],
  files: readonly string[] = [],
): Promise<BarePostgres> {
  const { cluster, directory, runAs } = await makeCluster();
  for (const file of files) await giveTo(runAs, file);
  return startServer(runAs, directory, cluster, await freePort(), settings);
}

/** Two servers, of which `standby` follows `primary`: a commit is answered when it is on both. */
export async function startReplicatedPostgres(): Promise<{
  readonly primary: BarePostgres;
  readonly standby: BarePostgres;
}> {
  const { cluster, directory, runAs } = await makeCluster();
  const copy = await mkdtemp(join(tmpdir(), 'countersign-standby-'));
  await promisify(execFile)('cp', ['-a', `${directory}/.`, copy]);
  const copied = { directory: join(copy, 'cluster'), password: cluster.password };
  await writeFile(join(copied.directory, 'standby.signal'), '');
  const [primaryPort, standbyPort] = [await freePort(), await freePort()];
  const upstream = `host=127.0.0.1 port=${primaryPort} user=${SUPERUSER} password=${cluster.password}`;
  const primary = await startServer(runAs, directory, cluster, primaryPort, ['synchronous_standby_names=*']);
  const standby = await startServer(runAs, copy, copied, standbyPort, [
    `primary_conninfo=${upstream}`,
    'wal_retrieve_retry_interval=100ms',
  ]);
  await vi.waitFor(async () => {
    const rows = await primary.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'");
    if (rows.length === 0) throw new Error('the standby does not follow yet');
  }, 15_000);
  return { primary, standby };
}

async function makeCluster() {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-postgres-'));
  const runAs = await chooseRunAs([directory, binaries.directory]);
  await promisify(execFile)('chmod', ['755', directory]);
  return { directory, runAs, cluster: await openCluster(directory, binaries, runAs) };
}

async function startServer(
  runAs: RunAs,
  directory: string,
  cluster: Cluster,
  port: number,
  settings: readonly string[],
): Promise<BarePostgres> {
  const url = `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/postgres`;
  let running: { readonly pid: number; readonly ended: Promise<unknown> } | null = null;

  async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async function start(): Promise<void> {
    const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings];
    const child = spawnAs(runAs, binaries.postgres, [
      ...['-D', cluster.directory, '-p', String(port)],
      ...all.flatMap((setting) => ['-c', setting]),
    ]);
    child.stderr?.resume();
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (child.pid === undefined) throw new Error('Postgres cannot be started');
    const guard = guardAgainstOurDeath(child.pid);
    running = { pid: child.pid, ended: ended.then(() => guard.kill('SIGKILL')) };
    await vi.waitFor(() => query('SELECT 1'), 15_000);
  }

  async function kill(): Promise<void> {
    if (running === null) return;
    process.kill(running.pid, 'SIGKILL');
    await running.ended;
    running = null;
  }

  await start();
  return {
    port,
    password: cluster.password,
    url,
    query,
    kill,
    start,
    async remove() {
      await kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}
