// Owns the instructions of the first two BPF loaders (solana-loader-v2-interface). Today's runtime refuses them all.
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { byteCount, u32 } from './data-reader.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';
import { LOADER_V1_PROGRAM, LOADER_V2_PROGRAM } from './program-ids.ts';

const TABLE = {
  // The bytes of a program are not listed: where they go and how many they are is.
  write: { opcode: 0, roles: ['program'], arguments: { offset: u32, length: byteCount } },
  finalize: { opcode: 1, roles: ['program'], optionalRoles: ['rent_sysvar'] },
} as const satisfies InstructionTable;

export type LoaderV2InstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

function decodeLoader(raw: RawInstruction, name: string): DecodedInstruction {
  const { data } = raw;
  if (data.length < 4) return unknown(raw, name, `data of ${data.length} bytes hold no 4-byte opcode`);
  const opcode = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  return decodeByTable(raw, name, ROWS, opcode, 4);
}

export const LOADER_V1: NativeProgram = {
  name: 'loader_v1',
  addresses: [LOADER_V1_PROGRAM],
  decode: (raw) => decodeLoader(raw, 'loader_v1'),
  instructions: TABLE,
};

export const LOADER_V2: NativeProgram = {
  name: 'loader_v2',
  addresses: [LOADER_V2_PROGRAM],
  decode: (raw) => decodeLoader(raw, 'loader_v2'),
  instructions: TABLE,
};
