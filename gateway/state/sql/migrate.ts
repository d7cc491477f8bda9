// Owns the schema's way forward: numbered files, each applied once, in order, by one gateway at a time.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DEFAULT_DATABASE_LIMITS } from './connect.ts';
import { requireTarget } from './database-url.ts';
import { createPrimaryPool } from './primary-pool.ts';
import { toGatewayError } from './store-error.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
}

/** Any number will do, as long as nothing else in the database takes the same. */
const LOCK = 7_205_759_403_792;

/** A change of a large table takes long; another gateway that makes it is waited for. */
const PATIENCE_MS = 3_600_000;

const MIGRATIONS = join(import.meta.dirname, '..', 'migrations');

/** Reads `0001_name.sql`, `0002_name.sql`, … and throws when a number is missing or doubled. */
export async function readMigrations(directory: string = MIGRATIONS): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number.parseInt(name.slice(0, 4), 10);
      if (version !== index + 1) throw new Error(`migration ${name} should have the number ${index + 1}`);
      const sql = await readFile(join(directory, name), 'utf8');
      return { version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the schema up to date in one transaction. Throws, and changes nothing, when the database is newer than this gateway or was
 * made by other migrations; throws STORE_UNAVAILABLE when it cannot be reached.
 */
export async function migrate(databaseUrl: string, migrations: readonly Migration[]): Promise<void> {
  const pool = createPrimaryPool({
    target: requireTarget(databaseUrl),
    applicationName: 'countersign migration',
    limits: { ...DEFAULT_DATABASE_LIMITS, poolSize: 1, statementTimeoutMs: PATIENCE_MS, lockTimeoutMs: PATIENCE_MS },
    log: () => {},
  });
  try {
    await inOneTransaction(await pool.connect(), migrations);
  } catch (error) {
    throw error instanceof MigrationRefused ? new Error(error.message) : toGatewayError(error);
  } finally {
    await pool.end();
  }
}

class MigrationRefused extends Error {}

/** How long a change of the schema waits for whoever uses a table, while all others wait behind it. */
const LOCK_TIMEOUT = '5s';

async function inOneTransaction(client: pg.PoolClient, migrations: readonly Migration[]): Promise<void> {
  // A connection that ends is reported by the query that needed it.
  client.on('error', () => {});
  try {
    await client.query('BEGIN');
    // What the database sets for this user holds for short statements.
    await client.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    for (const migration of await pending(client, migrations)) await apply(client, migration);
    await client.query('COMMIT');
  } finally {
    client.release(true);
  }
}

async function pending(client: pg.PoolClient, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
    'SELECT version, name, checksum FROM schema_migrations ORDER BY version',
  );
  for (const row of rows) {
    const known = migrations[row.version - 1];
    if (known === undefined) {
      throw new MigrationRefused(
        `the database has schema version ${rows.at(-1)?.version}, this gateway knows ${migrations.length}: run a newer gateway`,
      );
    }
    if (known.checksum !== row.checksum) {
      throw new MigrationRefused(
        `migration ${row.version} of the database (${row.name}) is not the one that this gateway has (${known.name}): the database belongs to another build; start that one, or name another database (in development: move .countersign away)`,
      );
    }
  }
  return migrations.slice(rows.length);
}

async function apply(client: pg.PoolClient, migration: Migration): Promise<void> {
  try {
    await client.query(migration.sql);
  } catch (error) {
    // Our own SQL without a value of anybody's: its message may be shown.
    if (error instanceof pg.DatabaseError)
      throw new MigrationRefused(`migration ${migration.name} failed: ${error.message}`);
    throw error;
  }
  await client.query('INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}
