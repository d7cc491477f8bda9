import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import { knownAddress } from '../base58.ts';
import type { CompiledTransaction } from './compiled-transaction.ts';
import type { LookupTable } from './decoded-transaction.ts';
import { readLookupTable } from './lookup-table.ts';
import { parseTransaction } from './parse.ts';
import { lookupTableAddresses, resolveAccounts } from './resolve.ts';
import { buildWire, keyAddress, keyBytes, type WirePlan } from './testing/wire-builder.ts';

const TABLE_PROGRAM = knownAddress('AddressLookupTab1e1111111111111111111111111');

describe('accounts of a transaction', () => {
  it('stand in the order of the runtime: static, all loaded writable, all loaded readonly', () => {
    const tx = compiled({
      version: 0,
      header: [2, 1, 1],
      keys: [0, 1, 2, 3],
      instructions: [{ program: 3, accounts: [], data: [] }],
      lookups: [
        { table: 50, writable: [1], readonly: [0, 2] },
        { table: 60, writable: [2, 0], readonly: [1] },
      ],
    });
    const tables = new Map([table(50, [100, 101, 102]), table(60, [200, 201, 202])]);
    const accounts = resolveAccounts(tx, tables);
    expect(lookupTableAddresses(tx)).toEqual([keyAddress(50), keyAddress(60)]);
    expect(accounts).toEqual({
      kind: 'parsed',
      value: [
        { address: keyAddress(0), signer: true, writable: true },
        { address: keyAddress(1), signer: true, writable: false },
        { address: keyAddress(2), signer: false, writable: true },
        { address: keyAddress(3), signer: false, writable: false },
        ...[101, 202, 200].map((n) => ({ address: keyAddress(n), signer: false, writable: true })),
        ...[100, 102, 201].map((n) => ({ address: keyAddress(n), signer: false, writable: false })),
      ],
    });
  });

  const lookups = [
    { table: 50, writable: [0, 1], readonly: [2] },
    { table: 60, writable: [], readonly: [0, 9] },
  ];
  const field = 'message.addressTableLookups';

  it('are refused where a table is missing or was never asked for, with the place of its key', () => {
    const tx = compiled({ version: 0, lookups });
    const missing = resolveAccounts(tx, new Map([table(50, [100, 101, 102]), [keyAddress(60), null]]));
    expect(missing).toMatchObject({
      error: { code: 'LOOKUP_TABLE_MISSING', field: `${field}[1].table`, found: keyAddress(60), offset: tx.size - 36 },
    });
    expect(resolveAccounts(tx, new Map())).toMatchObject({
      error: { code: 'LOOKUP_TABLE_MISSING', field: `${field}[0].table` },
    });
  });

  it('are refused for the fault of the first faulty table, as in the runtime', () => {
    const readonlyBeyond = [
      { table: 50, writable: [0], readonly: [7] },
      { table: 60, writable: [0], readonly: [] },
    ];
    const tx = compiled({ version: 0, lookups: readonlyBeyond });
    const tables = new Map([table(50, [100]), [keyAddress(60), null] as const]);
    expect(resolveAccounts(tx, tables)).toMatchObject({
      error: { code: 'LOOKUP_INDEX_OUT_OF_RANGE', field: `${field}[0].readonlyIndexes[0]` },
    });
  });

  it('are refused where an index is beyond the entries, with the place of the index', () => {
    const tx = compiled({ version: 0, lookups });
    const tables = new Map([table(50, [100, 101, 102]), table(60, [200])]);
    expect(resolveAccounts(tx, tables)).toMatchObject({
      error: {
        code: 'LOOKUP_INDEX_OUT_OF_RANGE',
        field: `${field}[1].readonlyIndexes[1]`,
        found: '9',
        offset: tx.size - 1,
      },
    });
  });

  it('are refused where a loaded account stands twice, in two tables or beside a static key', () => {
    const twice = compiled({ version: 0, lookups });
    const tables = new Map([table(50, [100, 101, 102]), table(60, [101, 1, 2, 3, 4, 5, 6, 7, 8, 9])]);
    expect(resolveAccounts(twice, tables)).toMatchObject({
      error: { code: 'DUPLICATE_ACCOUNT', field: `${field}[1].readonlyIndexes[0]`, offset: twice.size - 2 },
    });
    const payer = compiled({ version: 0, lookups: [{ table: 50, writable: [0], readonly: [] }] });
    expect(resolveAccounts(payer, new Map([table(50, [0])]))).toMatchObject({
      error: { code: 'DUPLICATE_ACCOUNT', field: `${field}[0].writableIndexes[0]` },
    });
  });
});

describe('a lookup table', () => {
  const data = tableData(2n ** 64n - 1n, [100, 101]);

  it('is read from its account', () => {
    expect(readLookupTable({ owner: TABLE_PROGRAM, lamports: 1n, data })?.addresses).toEqual(
      [100, 101].map(keyAddress),
    );
  });

  it.each([
    ['of no account', null],
    ['of another program', { owner: keyAddress(1), lamports: 1n, data }],
    ['that was deactivated', { owner: TABLE_PROGRAM, lamports: 1n, data: tableData(7n, [100]) }],
    ['of another kind', { owner: TABLE_PROGRAM, lamports: 1n, data: data.with(0, 0) }],
    ['cut inside an entry', { owner: TABLE_PROGRAM, lamports: 1n, data: data.slice(0, -1) }],
    ['cut inside its head', { owner: TABLE_PROGRAM, lamports: 1n, data: data.slice(0, 55) }],
  ])('is none %s', (_what, account) => {
    expect(readLookupTable(account)).toBeNull();
  });
});

function compiled(plan: WirePlan): CompiledTransaction {
  const parsed = parseTransaction(buildWire(plan));
  if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function table(number: number, entries: readonly number[]): [Address, LookupTable] {
  return [keyAddress(number), { addresses: entries.map(keyAddress) }];
}

function tableData(deactivationSlot: bigint, entries: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(56 + entries.length * 32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1, true);
  view.setBigUint64(4, deactivationSlot, true);
  entries.forEach((entry, i) => {
    bytes.set(keyBytes(entry), 56 + i * 32);
  });
  return bytes;
}
