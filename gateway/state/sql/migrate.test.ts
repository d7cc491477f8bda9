import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Migration, migrate, readMigrations } from './migrate.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(() => database.drop());

function migration(version: number, sql: string): Migration {
  return { version, name: `000${version}_x.sql`, sql, checksum: `checksum of ${sql}` };
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

const FIRST = migration(1, 'CREATE TABLE first (id int)');
const SECOND = migration(2, 'CREATE TABLE second (id int)');

describe('migrate', () => {
  it('applies what is new, once, also when many gateways start together', async () => {
    await migrate(database.url, [FIRST]);
    await Promise.all(Array.from({ length: 5 }, () => migrate(database.url, [FIRST, SECOND])));
    expect(await query('SELECT version, name FROM schema_migrations ORDER BY version')).toEqual([
      { version: 1, name: '0001_x.sql' },
      { version: 2, name: '0002_x.sql' },
    ]);
  });

  it('refuses a database that is newer than the gateway', async () => {
    await migrate(database.url, [FIRST, SECOND]);
    await expect(migrate(database.url, [FIRST])).rejects.toThrow(
      'the database has schema version 2, this gateway knows 1: run a newer gateway',
    );
  });

  it('refuses a database that other migrations made', async () => {
    await migrate(database.url, [FIRST]);
    await expect(migrate(database.url, [migration(1, 'CREATE TABLE other (id int)'), SECOND])).rejects.toThrow(
      'migration 1 of the database (0001_x.sql) is not the one that this gateway has',
    );
  });

  it('changes nothing when one of several fails, and says which', async () => {
    await expect(migrate(database.url, [FIRST, migration(2, 'CREATE TABEL second')])).rejects.toThrow(
      'migration 0002_x.sql failed',
    );
    expect(await query("SELECT to_regclass('first') AS first, to_regclass('schema_migrations') AS log")).toEqual([
      { first: null, log: null },
    ]);
  });

  it('says that the database is away, without its address or password', async () => {
    const away = migrate('postgres://someone:hunter2@127.0.0.1:1/nowhere', [FIRST]);
    await expect(away).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    await expect(away).rejects.not.toThrow(/hunter2|127\.0\.0\.1|nowhere/);
  });
});

describe('readMigrations', () => {
  it('finds the ones of this gateway, numbered without a gap', async () => {
    const versions = (await readMigrations()).map((each) => each.version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
    expect(versions.length).toBeGreaterThan(0);
  });

  it('refuses a gap in the numbers', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-migrations-'));
    await writeFile(join(directory, '0001_a.sql'), '');
    await writeFile(join(directory, '0003_b.sql'), '');
    await expect(readMigrations(directory)).rejects.toThrow('migration 0003_b.sql should have the number 2');
    await rm(directory, { recursive: true });
  });
});
