import { describe, expect, it } from 'vitest';
import type { MalformedTransaction } from './compiled-transaction.ts';
import { parseTransaction } from './parse.ts';
import { buildWire, type WirePlan } from './testing/wire-builder.ts';

const EMPTY_SLOT = new Array<number>(64).fill(0);

const INSTRUCTION = { program: 1, accounts: [], data: [] };
const many = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What is wrong, the bytes, and the code, field and offset that say so. */
const REFUSED: readonly (readonly [string, Uint8Array, string, string, number])[] = [
  ['no bytes', new Uint8Array(), 'EMPTY', 'transaction', 0],
  ['a v0 message without signatures', Uint8Array.of(0x80, 1), 'VERSION_MISPLACED', 'transaction', 0],
  ['version 2', Uint8Array.of(0x82), 'UNSUPPORTED_VERSION', 'transaction', 0],
  ['version 3 behind signatures', edited({}, 65, 0x83), 'UNSUPPORTED_VERSION', 'message.version', 65],
  ['a v1 message behind signatures', edited({}, 65, 0x81), 'VERSION_MISPLACED', 'message.version', 65],
  ['signatures only', buildWire().slice(0, 65), 'TRUNCATED', 'message.version', 65],
  ['a signature cut short', buildWire().slice(0, 64), 'TRUNCATED', 'signatures', 1],
  ['a missing last byte', buildWire().slice(0, -1), 'TRUNCATED', 'message.instructions[0].data', 168],
  ['a byte too many', append(buildWire(), 0), 'TRAILING_BYTES', 'message', 169],
  ['a byte too many in v1', append(buildWire({ version: 1 }), 0), 'TRAILING_BYTES', 'message', 110],
  ['fewer signatures than signers', buildWire({ signatures: [] }), 'SIGNATURE_COUNT_MISMATCH', 'signatures', 0],
  [
    'more signatures than signers',
    buildWire({ signatures: [EMPTY_SLOT, EMPTY_SLOT] }),
    'SIGNATURE_COUNT_MISMATCH',
    'signatures',
    0,
  ],
  ['no signers', buildWire({ header: [0, 0, 1] }), 'FEE_PAYER_NOT_WRITABLE', 'message.header.readonlySigned', 2],
  [
    'a readonly fee payer',
    buildWire({ header: [1, 1, 0] }),
    'FEE_PAYER_NOT_WRITABLE',
    'message.header.readonlySigned',
    66,
  ],
  [
    'a header beyond the keys',
    buildWire({ header: [2, 0, 1] }),
    'HEADER_EXCEEDS_ACCOUNTS',
    'message.staticAccounts',
    133,
  ],
  ['a key twice', buildWire({ keys: [3, 4, 3] }), 'DUPLICATE_ACCOUNT', 'message.staticAccounts[2]', 133],
  ['65 keys in v1', buildWire({ version: 1, keys: many(65) }), 'TOO_MANY_ACCOUNTS', 'message.staticAccounts', 42],
  [
    '65 accounts with loaded ones',
    buildWire({ version: 0, lookups: [{ table: 9, writable: many(60), readonly: [1, 2, 3] }] }),
    'TOO_MANY_ACCOUNTS',
    'message.addressTableLookups[0]',
    268,
  ],
  [
    '65 instructions',
    buildWire({ instructions: many(65).map(() => INSTRUCTION) }),
    'TOO_MANY_INSTRUCTIONS',
    'message.instructions',
    166,
  ],
  [
    '65 instructions in v1',
    buildWire({ version: 1, instructions: many(65).map(() => INSTRUCTION) }),
    'TOO_MANY_INSTRUCTIONS',
    'message.instructions',
    106,
  ],
  [
    '256 accounts in an instruction',
    buildWire({ instructions: [{ ...INSTRUCTION, accounts: many(256).map(() => 0) }] }),
    'TOO_MANY_INSTRUCTION_ACCOUNTS',
    'message.instructions[0].accountIndexes',
    169,
  ],
  [
    'a program that pays',
    buildWire({ instructions: [{ ...INSTRUCTION, program: 0 }] }),
    'PROGRAM_IS_FEE_PAYER',
    'message.instructions[0].programIndex',
    166,
  ],
  [
    'a program out of range',
    buildWire({ instructions: [INSTRUCTION, { ...INSTRUCTION, program: 2 }] }),
    'INDEX_OUT_OF_RANGE',
    'message.instructions[1].programIndex',
    169,
  ],
  [
    'a program from a lookup table',
    buildWire({
      version: 0,
      lookups: [{ table: 9, writable: [1], readonly: [] }],
      instructions: [{ ...INSTRUCTION, program: 2 }],
    }),
    'INDEX_OUT_OF_RANGE',
    'message.instructions[0].programIndex',
    167,
  ],
  [
    'an account out of range',
    buildWire({ instructions: [{ ...INSTRUCTION, accounts: [1, 2] }] }),
    'INDEX_OUT_OF_RANGE',
    'message.instructions[0].accountIndexes[1]',
    169,
  ],
  [
    'an account out of range in v1',
    buildWire({ version: 1, instructions: [{ ...INSTRUCTION, accounts: [0, 255] }] }),
    'INDEX_OUT_OF_RANGE',
    'message.instructions[0].accountIndexes[1]',
    111,
  ],
  [
    'a lookup that loads nothing',
    buildWire({ version: 0, lookups: [{ table: 9, writable: [], readonly: [] }] }),
    'EMPTY_LOOKUP',
    'message.addressTableLookups[0]',
    171,
  ],
  [
    'an unknown config bit',
    buildWire({ version: 1, configMask: 0b100000 }),
    'CONFIG_BITS_UNKNOWN',
    'message.config.mask',
    4,
  ],
  [
    'the highest config bit',
    buildWire({ version: 1, configMask: 0x8000_0000 }),
    'CONFIG_BITS_UNKNOWN',
    'message.config.mask',
    4,
  ],
  [
    'half a priority fee',
    buildWire({ version: 1, configMask: 0b01 }),
    'CONFIG_FEE_BITS_SPLIT',
    'message.config.mask',
    4,
  ],
  [
    'the other half of a priority fee',
    buildWire({ version: 1, configMask: 0b10 }),
    'CONFIG_FEE_BITS_SPLIT',
    'message.config.mask',
    4,
  ],
  ['a heap of 31 KiB', heap(31 * 1024), 'HEAP_SIZE_INVALID', 'message.config.heapSize', 106],
  ['a heap of 257 KiB', heap(257 * 1024), 'HEAP_SIZE_INVALID', 'message.config.heapSize', 106],
  ['a heap of 32 KiB and a byte', heap(32 * 1024 + 1), 'HEAP_SIZE_INVALID', 'message.config.heapSize', 106],
  [
    'thirteen signers in v1',
    buildWire({ version: 1, header: [13, 0, 1], keys: many(14) }),
    'TOO_MANY_SIGNERS',
    'message.header.requiredSignatures',
    1,
  ],
];

describe('a transaction that the runtime refuses', () => {
  it.each(REFUSED)('is refused for %s', (_what, wire, code, field, offset) => {
    const error = refused(wire);
    expect(error).toMatchObject({ code, field, offset });
    expect(error.expected).not.toBe('');
    expect(error.found).not.toBe('');
  });

  it.each([
    ['padded with a zero byte', [0x82, 0x00]],
    ['of four bytes', [0x80, 0x80, 0x80, 0x01]],
    ['beyond a u16', [0x80, 0x80, 0x04]],
  ])('is refused for a length %s', (_what, length) => {
    const wire = buildWire();
    const bytes = Uint8Array.from([...wire.slice(0, 68), ...length, ...wire.slice(69)]);
    expect(refused(bytes)).toMatchObject({ code: 'NON_CANONICAL_LENGTH', field: 'message.staticAccounts', offset: 68 });
  });

  it('is refused at every length at which it is cut, in every version', () => {
    for (const version of ['legacy', 0, 1] as const) {
      const lookups = version === 0 ? [{ table: 9, writable: [1], readonly: [2] }] : [];
      const wire = buildWire({ version, lookups, instructions: [{ program: 1, accounts: [0], data: [1, 2, 3] }] });
      for (let length = 0; length < wire.length; length++) {
        expect(parseTransaction(wire.slice(0, length)).kind, `${version} cut at ${length}`).toBe('malformed');
      }
    }
  });

  it('is refused without being copied when it is huge', () => {
    const error = refused(new Uint8Array(4_000_000));
    expect(error).toMatchObject({ code: 'TOO_LARGE', found: '4000000 bytes' });
  });
});

function refused(wire: Uint8Array): MalformedTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'parsed') throw new Error('it was accepted');
  return parsed.error;
}

function edited(plan: WirePlan, offset: number, value: number): Uint8Array {
  return buildWire(plan).with(offset, value);
}

function append(wire: Uint8Array, byte: number): Uint8Array {
  return Uint8Array.from([...wire, byte]);
}

function heap(size: number): Uint8Array {
  return buildWire({ version: 1, configMask: 0b10000, configBytes: u32(size) });
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}
