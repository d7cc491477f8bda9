// Owns the Postgres that tests share: one embedded server a run, one empty database a call.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { migrate, readMigrations } from '../sql/migrate.ts';

export interface TestDatabase {
  /** Of a superuser: a test may tamper. */
  readonly url: string;
  /** Changes what no gateway would. */
  run(sql: string): Promise<void>;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

/** As if approvers had voted for it. */
export function approve(database: TestDatabase, { approvalId }: { readonly approvalId: string }): Promise<void> {
  return database.run(`UPDATE approvals SET state = 'APPROVED' WHERE approval_id = '${approvalId}'`);
}

/** Makes a database without a single row on the server of the run; its schema is there, as after a first start of a gateway. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(MIGRATED);
}

/** The same without a schema. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const server = await sharedServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runOnServer(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = databaseOn(server, name);
  return {
    url,
    run: (sql) => runOnServer(url, sql),
    drop: () => runOnServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** Names the server of the run; test/shared-postgres.ts sets it. */
export const SHARED_SERVER = 'COUNTERSIGN_TEST_POSTGRES';

let started: Promise<string> | null = null;

/** Outside of a run, as in the benchmark, a server of this process. */
function sharedServer(): Promise<string> {
  const url = process.env[SHARED_SERVER];
  if (url !== undefined) return Promise.resolve(url);
  started ??= startSharedServer();
  return started;
}

const MIGRATED = 'migrated';

/** Ends, folder and all, with this process. */
export async function startSharedServer(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-test-postgres-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: directory });
  removeWithProcess(directory, postgres.pid);
  await runOnServer(postgres.url, `CREATE DATABASE ${MIGRATED}`);
  await migrate(databaseOn(postgres.url, MIGRATED), await readMigrations());
  return postgres.url;
}

function databaseOn(server: string, name: string): string {
  return server.replace(/\/postgres$/, `/${name}`);
}

// A process may be killed without notice; its end is seen by the end of the shell's standard input.
function removeWithProcess(directory: string, pid: number): void {
  const script = 'read -r line; kill -INT "$1"; while kill -0 "$1"; do sleep 0.05; done; rm -rf "$0"';
  const remover = spawn('/bin/sh', ['-c', script, directory, String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  remover.unref();
  const { stdin } = remover;
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}

async function runOnServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
