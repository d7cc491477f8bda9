// Owns the fourth loader's instructions (solana-loader-v4-interface).
import { byteCount } from '../bincode-reader.ts';
import { u32 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { LOADER_V4_PROGRAM } from '../program-ids.ts';
import { tableProgram } from '../table-program.ts';

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

export const LOADER_V4 = tableProgram({
  name: 'loader_v4',
  addresses: [LOADER_V4_PROGRAM],
  opcodeBytes: 4,
  instructions: TABLE,
});
