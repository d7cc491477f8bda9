// Owns one connection to Postgres: how it is opened, and what a server must be before the record is trusted to it.
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';
import type { DatabaseServer, DatabaseTarget, DatabaseTls } from './database-url.ts';
import { integer, type Row, text } from './row.ts';

/** Milliseconds, except for the size of the pool. */
export interface DatabaseLimits {
  /** Connections at most. */
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  /** Of one statement; also how long a transaction may wait for its next one. */
  readonly statementTimeoutMs: number;
  /** How long a statement waits for what another transaction holds. */
  readonly lockTimeoutMs: number;
}

export const DEFAULT_DATABASE_LIMITS: DatabaseLimits = {
  poolSize: 8,
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 5_000,
  lockTimeoutMs: 4_000,
};

/** Longer than the server's own limit: it ends only what the network swallowed. */
const ANSWER_GRACE_MS = 2_000;

// Promise 4: a commit that was answered is on disk, and where standbys are synchronous on theirs, whatever the server's default.
const SESSION = '-c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c jit=off';

/** Throws a plain error, fit to be shown, when a file of a certificate cannot be read. */
export function connectionConfig(target: DatabaseTarget, server: DatabaseServer, applicationName: string) {
  return {
    host: server.host,
    port: server.port,
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: tlsOptions(target.tls),
    application_name: applicationName,
    options: SESSION,
    keepAlive: true,
  } satisfies pg.ClientConfig;
}

export function limitsConfig(limits: DatabaseLimits) {
  return {
    connectionTimeoutMillis: limits.connectTimeoutMs,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.statementTimeoutMs,
    query_timeout: limits.statementTimeoutMs + ANSWER_GRACE_MS,
  } satisfies pg.ClientConfig;
}

function tlsOptions(tls: DatabaseTls): ConnectionOptions | false {
  if (tls.kind === 'off') return false;
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(tls.caFile === null ? {} : { ca: readTlsFile('sslrootcert', tls.caFile) }),
    ...(tls.client === null ? {} : clientCertificate(tls.client)),
    ...(tls.anyName ? { checkServerIdentity: () => undefined } : {}),
  };
}

function clientCertificate({ certFile, keyFile }: { readonly certFile: string; readonly keyFile: string }) {
  return { cert: readTlsFile('sslcert', certFile), key: readTlsFile('sslkey', keyFile) };
}

function readTlsFile(parameter: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Error(`the file that ${parameter} of the database URL names cannot be read (${why}): ${file}`);
  }
}

/** The server answers, but the record must not be trusted to it. The message holds no address. */
export class UnfitServer extends Error {
  readonly code: 'NOT_PRIMARY' | 'NOT_DURABLE' | 'OLD_PRIMARY';

  constructor(code: UnfitServer['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** What one process has seen of the primary; servers that were promoted later have greater timelines. */
export interface Lineage {
  timeline: number;
}

const CHECK = `SELECT pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS read_only,
    current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
    CASE WHEN pg_is_in_recovery() THEN 0
         ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer END AS timeline`;

/** Throws UnfitServer for a standby, for one that forgets commits when it crashes, and for one that another has replaced. */
export async function requireFit(client: pg.ClientBase, lineage: Lineage): Promise<void> {
  const { rows } = await client.query<Row>(CHECK);
  const row = rows[0] ?? {};
  if (row.standby !== false || text(row, 'read_only') !== 'off') {
    throw new UnfitServer('NOT_PRIMARY', 'is read-only: it is a standby, or was made one');
  }
  if (text(row, 'fsync') !== 'on') {
    throw new UnfitServer('NOT_DURABLE', 'runs with fsync=off and loses commits when it crashes; set fsync=on');
  }
  // Of a pooler that keeps settings of its own; else the session's, which is on.
  if (!['on', 'remote_apply'].includes(text(row, 'synchronous_commit'))) {
    const message = 'answers commits before they are durable; set synchronous_commit=on for its user';
    throw new UnfitServer('NOT_DURABLE', message);
  }
  const timeline = integer(row, 'timeline');
  if (timeline < lineage.timeline) {
    throw new UnfitServer('OLD_PRIMARY', 'is a primary that another has replaced; make it a standby of the new one');
  }
  lineage.timeline = timeline;
}
