// Owns the instructions of the first two BPF loaders (solana-loader-v2-interface). Today's runtime refuses them all.
import { byteCount } from '../bincode-reader.ts';
import { u32 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { LOADER_V1_PROGRAM, LOADER_V2_PROGRAM } from '../program-ids.ts';
import { tableProgram } from '../table-program.ts';

const TABLE = {
  // The bytes of a program are not listed: where they go and how many they are is.
  write: { opcode: 0, roles: ['program'], arguments: { offset: u32, length: byteCount } },
  finalize: { opcode: 1, roles: ['program'], optionalRoles: ['rent_sysvar'] },
} as const satisfies InstructionTable;

export type LoaderV2InstructionName = keyof typeof TABLE;

export const LOADER_V1 = tableProgram({
  name: 'loader_v1',
  addresses: [LOADER_V1_PROGRAM],
  opcodeBytes: 4,
  instructions: TABLE,
});

export const LOADER_V2 = tableProgram({
  name: 'loader_v2',
  addresses: [LOADER_V2_PROGRAM],
  opcodeBytes: 4,
  instructions: TABLE,
});
