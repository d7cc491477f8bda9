import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { boolArray, byteaArray, int4Array, int8Array, textArray } from './binary-array.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function readBack(type: string, value: Buffer): Promise<unknown> {
  const { rows } = await client.query<{ list: unknown }>(`SELECT to_json($1::${type}) AS list`, [value]);
  return rows[0]?.list;
}

describe('arrays in binary form', () => {
  it.each([
    ['text[]', textArray(['a', null, '', 'é🔑,"{}\\'])],
    ['bytea[]', byteaArray([new Uint8Array([0, 255]), null, new Uint8Array()])],
    ['bigint[]', int8Array([0, null, -1, Number.MAX_SAFE_INTEGER])],
    ['integer[]', int4Array([0, -2147483648, 2147483647])],
    ['boolean[]', boolArray([true, false])],
  ])('arrive in Postgres as they were: %s', async (type, value) => {
    expect(await readBack(type, value)).toEqual(
      {
        'text[]': ['a', null, '', 'é🔑,"{}\\'],
        'bytea[]': ['\\x00ff', null, '\\x'],
        'bigint[]': [0, null, -1, Number.MAX_SAFE_INTEGER],
        'integer[]': [0, -2147483648, 2147483647],
        'boolean[]': [true, false],
      }[type],
    );
  });

  it('arrive empty', async () => {
    expect(await readBack('text[]', textArray([]))).toEqual([]);
  });

  it.each([0.5, Number.NaN, 2 ** 53])('refuse the integer %s', (value) => {
    expect(() => int8Array([value])).toThrow(RangeError);
    expect(() => int4Array([value])).toThrow(RangeError);
  });
});
