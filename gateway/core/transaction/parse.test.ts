import { describe, expect, it } from 'vitest';
import type { CompiledTransaction, MalformedTransaction } from './compiled-transaction.ts';
import { parseTransaction } from './parse.ts';
import { buildWire, keyAddress, shortLength } from './testing/wire-builder.ts';

const SIGNED = Array.from({ length: 64 }, (_, i) => i + 1);
const EMPTY_SLOT = new Array<number>(64).fill(0);

describe('a transaction that the runtime accepts', () => {
  it('is read field by field from legacy bytes', () => {
    const wire = buildWire({
      header: [2, 1, 1],
      keys: [5, 6, 7, 8],
      instructions: [{ program: 3, accounts: [0, 2, 2, 1], data: [9, 8] }],
      signatures: [EMPTY_SLOT, SIGNED],
    });
    const tx = accepted(wire);
    expect(tx).toMatchObject({
      version: 'legacy',
      size: wire.length,
      header: { requiredSignatures: 2, readonlySigned: 1, readonlyUnsigned: 1 },
      staticAccounts: [5, 6, 7, 8].map(keyAddress),
      instructions: [{ programIndex: 3, accountIndexes: [0, 2, 2, 1], data: Uint8Array.of(9, 8) }],
      signatures: [null, Uint8Array.from(SIGNED)],
      lookups: [],
      config: null,
    });
    expect(tx.messageBytes).toEqual(wire.slice(1 + 128));
  });

  it('is read from v0 bytes with its lookups', () => {
    const lookup = { table: 40, writable: [1], readonly: [0, 255] };
    const tx = accepted(
      buildWire({
        version: 0,
        lookups: [lookup, { ...lookup, readonly: [] }],
        instructions: [{ program: 1, accounts: [5], data: [] }],
      }),
    );
    expect(tx.lookups).toEqual([
      { table: keyAddress(40), writableIndexes: [1], readonlyIndexes: [0, 255] },
      { table: keyAddress(40), writableIndexes: [1], readonlyIndexes: [] },
    ]);
  });

  it('is read from v1 bytes with its resource requests', () => {
    const configBytes = [...u64(2n ** 64n - 1n), ...u32(1_400_000), ...u32(7), ...u32(256 * 1024)];
    const wire = buildWire({ version: 1, configMask: 0b11111, configBytes, signatures: [SIGNED] });
    const tx = accepted(wire);
    expect(tx.config).toEqual({
      priorityFeeLamports: 2n ** 64n - 1n,
      computeUnitLimit: 1_400_000,
      loadedAccountsDataSizeLimit: 7,
      heapSize: 256 * 1024,
    });
    expect(tx.signatures).toEqual([Uint8Array.from(SIGNED)]);
    expect(tx.messageBytes).toEqual(wire.slice(0, -64));
    expect(accepted(buildWire({ version: 1 })).config?.priorityFeeLamports).toBeNull();
  });

  it('may have no instructions', () => {
    expect(accepted(buildWire({ instructions: [] })).instructions).toEqual([]);
  });

  it('fills 1232 bytes in legacy and v0, 4096 in v1', () => {
    for (const [version, limit] of [
      ['legacy', 1232],
      [0, 1232],
      [1, 4096],
    ] as const) {
      expect(accepted(ofSize(version, limit)).size).toBe(limit);
      expect(refused(ofSize(version, limit + 1))).toMatchObject({ code: 'TOO_LARGE', field: 'transaction' });
    }
  });

  it('owns its bytes: whoever holds the input can change nothing any more', () => {
    for (const wire of [
      buildWire({ signatures: [SIGNED] }),
      Buffer.from(buildWire({ version: 1, signatures: [SIGNED] })),
    ]) {
      const tx = accepted(wire);
      const before = [tx.messageBytes.slice(), tx.signatures[0]?.slice(), tx.instructions[0]?.data.slice()];
      wire.fill(255);
      expect([tx.messageBytes, tx.signatures[0], tx.instructions[0]?.data]).toEqual(before);
      expect(tx.messageBytes.buffer.byteLength).toBe(tx.messageBytes.length);
    }
  });
});

const many = (count: number) => Array.from({ length: count }, (_, i) => i);

function accepted(wire: Uint8Array): CompiledTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function refused(wire: Uint8Array): MalformedTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'parsed') throw new Error('it was accepted');
  return parsed.error;
}

function ofSize(version: 'legacy' | 0 | 1, size: number): Uint8Array {
  const plan = (length: number) => ({
    version,
    instructions: [{ program: 1, accounts: [], data: many(length).map(() => 7) }],
  });
  const overhead = buildWire(plan(200)).length - 200;
  return buildWire(plan(size - overhead));
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

function u64(value: bigint): number[] {
  return [...u32(Number(value & 0xffff_ffffn)), ...u32(Number(value >> 32n))];
}

it('writes lengths of tests as the runtime does', () => {
  expect([shortLength(127), shortLength(128), shortLength(1232)]).toEqual([[127], [128, 1], [0xd0, 0x09]]);
});
