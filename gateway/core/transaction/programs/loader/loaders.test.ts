import * as kitLoader from '@solana-program/loader-v3';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../address.ts';
import { keyAddress } from '../../testing/wire-builder.ts';
import { decodeInstruction } from '../decode-instruction.ts';
import { LOADER_V1_PROGRAM, LOADER_V2_PROGRAM, LOADER_V3_PROGRAM, LOADER_V4_PROGRAM } from '../program-ids.ts';

const u32 = (value: number) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
const u64 = (value: number) => [...u32(value), 0, 0, 0, 0];

function decode(program: Address, data: readonly number[], accounts: number) {
  const references = Array.from({ length: accounts }, (_, i) => ({
    address: keyAddress(i),
    signer: false,
    writable: false,
  }));
  return decodeInstruction({ index: 0, program, accounts: references, data: Uint8Array.from(data) });
}

function roles(program: Address, data: readonly number[], accounts: number): readonly string[] {
  const decoded = decode(program, data, accounts);
  if (decoded.kind !== 'known') throw new Error('not known');
  return decoded.accounts.map(({ role }) => role);
}

/** Names by opcode, of as many opcodes as have one. */
function names(program: Address): readonly string[] {
  const known: string[] = [];
  for (let opcode = 0; ; opcode++) {
    const decoded = decode(program, [...u32(opcode), ...new Array<number>(16).fill(0)], 8);
    if (decoded.kind !== 'known') return known;
    known.push(decoded.name);
  }
}

describe('the upgradeable loader', () => {
  it('has the opcodes of its published client, and two that were in its interface before', () => {
    const published = Object.entries(kitLoader.LoaderV3Instruction)
      .filter(([, opcode]) => typeof opcode === 'number')
      .map(([name]) => name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase());
    expect(names(LOADER_V3_PROGRAM)).toEqual([...published, 'migrate', 'extend_program_checked']);
    expect(decode(LOADER_V3_PROGRAM, [3, 0, 0, 1], 8)).toMatchObject({ reason: 'opcode 16777219 is not known' });
  });

  it('says where a write goes and how long it is, and wants all of its bytes', () => {
    const write = [...u32(1), ...u32(900), ...u64(3), 1, 2, 3];
    expect(decode(LOADER_V3_PROGRAM, write, 2)).toMatchObject({
      kind: 'known',
      name: 'write',
      arguments: { offset: 900n, length: 3n },
    });
    expect(decode(LOADER_V3_PROGRAM, [...write, 4], 2)).toMatchObject({ arguments: { length: 3n } });
    for (let length = 0; length < write.length; length++) {
      expect(decode(LOADER_V3_PROGRAM, write.slice(0, length), 2).kind).toBe('unknown');
    }
    const endless = [...u32(1), ...u32(0), ...new Array<number>(8).fill(255)];
    expect(decode(LOADER_V3_PROGRAM, endless, 2)).toMatchObject({ reason: expect.stringContaining('more than') });
  });

  it('names accounts by role, also those that may be missing', () => {
    expect(roles(LOADER_V3_PROGRAM, u32(3), 7)).toEqual([
      'program_data_account',
      'program_account',
      'buffer_account',
      'spill_account',
      'rent_sysvar',
      'clock_sysvar',
      'authority',
    ]);
    const close = ['buffer_or_program_data_account', 'destination_account', 'authority', 'program_account'];
    expect(roles(LOADER_V3_PROGRAM, u32(5), 5)).toEqual([...close, 'extra_0']);
    expect(roles(LOADER_V3_PROGRAM, u32(5), 2)).toEqual(close.slice(0, 2));
    expect(roles(LOADER_V3_PROGRAM, u32(4), 3)[2]).toBe('new_authority');
    expect(roles(LOADER_V3_PROGRAM, [...u32(6), ...u32(1)], 4)[3]).toBe('payer');
    expect(roles(LOADER_V3_PROGRAM, [...u32(9), ...u32(1)], 5)[4]).toBe('payer');
  });

  it('is unknown with an account too few', () => {
    const least = [2, 2, 8, 7, 2, 2, 2, 3, 3, 3];
    least.forEach((count, opcode) => {
      const data = [...u32(opcode), ...new Array<number>(16).fill(0)];
      expect(decode(LOADER_V3_PROGRAM, data, count).kind).toBe('known');
      expect(decode(LOADER_V3_PROGRAM, data, count - 1).kind).toBe('unknown');
    });
  });
});

describe('the other loaders', () => {
  it('have the opcodes of their interfaces', () => {
    expect(names(LOADER_V1_PROGRAM)).toEqual(['write', 'finalize']);
    expect(names(LOADER_V2_PROGRAM)).toEqual(['write', 'finalize']);
    expect(names(LOADER_V4_PROGRAM)).toEqual([
      'write',
      'copy',
      'set_program_length',
      'deploy',
      'retract',
      'transfer_authority',
      'finalize',
    ]);
    expect(decode(LOADER_V1_PROGRAM, u32(1), 1)).toMatchObject({ programName: 'loader_v1' });
    expect(decode(LOADER_V2_PROGRAM, u32(1), 1)).toMatchObject({ programName: 'loader_v2' });
  });

  it('read what the fourth copies, and how long a program becomes', () => {
    expect(decode(LOADER_V4_PROGRAM, [...u32(1), ...u32(1), ...u32(2), ...u32(3)], 3)).toMatchObject({
      arguments: { destination_offset: 1n, source_offset: 2n, length: 3n },
    });
    expect(decode(LOADER_V4_PROGRAM, [...u32(2), ...u32(2 ** 32 - 1)], 2)).toMatchObject({
      arguments: { new_size: 2n ** 32n - 1n },
    });
    expect(decode(LOADER_V4_PROGRAM, [...u32(2), 1, 2, 3], 3)).toMatchObject({ kind: 'unknown' });
    expect(decode(LOADER_V4_PROGRAM, u32(5), 2)).toMatchObject({ kind: 'unknown' });
    expect(decode(LOADER_V4_PROGRAM, [2, 0, 0], 3)).toMatchObject({ kind: 'unknown', programName: 'loader_v4' });
  });
});
