// Owns the fourth loader's instructions (solana-loader-v4-interface).
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
import { LOADER_V4_PROGRAM } from './program-ids.ts';

const NAME = 'loader_v4';

const TABLE = {
  // The bytes of a program are not listed: where they go and how many they are is.
  write: { opcode: 0, roles: ['program', 'authority'], arguments: { offset: u32, length: byteCount } },
  copy: {
    opcode: 1,
    roles: ['program', 'authority', 'source_program'],
    arguments: { destination_offset: u32, source_offset: u32, length: u32 },
  },
  set_program_length: {
    opcode: 2,
    roles: ['program', 'authority'],
    optionalRoles: ['recipient'],
    arguments: { new_size: u32 },
  },
  deploy: { opcode: 3, roles: ['program', 'authority'] },
  retract: { opcode: 4, roles: ['program', 'authority'] },
  transfer_authority: { opcode: 5, roles: ['program', 'authority', 'new_authority'] },
  finalize: { opcode: 6, roles: ['program', 'authority', 'next_version'] },
} as const satisfies InstructionTable;

export type LoaderV4InstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

function decodeLoaderV4(raw: RawInstruction): DecodedInstruction {
  const { data } = raw;
  if (data.length < 4) return unknown(raw, NAME, `data of ${data.length} bytes hold no 4-byte opcode`);
  const opcode = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  return decodeByTable(raw, NAME, ROWS, opcode, 4);
}

export const LOADER_V4: NativeProgram = {
  name: NAME,
  addresses: [LOADER_V4_PROGRAM],
  decode: decodeLoaderV4,
  instructions: TABLE,
};
