// Owns the upgradeable loader's instructions (solana-loader-v3-interface; kit client @solana-program/loader-v3).
import { byteCount } from '../bincode-reader.ts';
import { u32, u64 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { LOADER_V3_PROGRAM } from '../program-ids.ts';
import { tableProgram } from '../table-program.ts';

/**
 * Required roles are those that the runtime insists on. A flag that a later interface puts behind the data (whether a buffer is kept,
 * whether a closed program leaves a tombstone) is ignored by the runtime as trailing data, and so here.
 */
const TABLE = {
  initialize_buffer: { opcode: 0, roles: ['source_account', 'buffer_authority'] },
  // The bytes of a program are not listed: where they go and how many they are is.
  write: {
    opcode: 1,
    roles: ['buffer_account', 'buffer_authority'],
    arguments: { offset: u32, length: byteCount },
  },
  deploy_with_max_data_len: {
    opcode: 2,
    roles: [
      'payer_account',
      'program_data_account',
      'program_account',
      'buffer_account',
      'rent_sysvar',
      'clock_sysvar',
      'system_program',
      'authority',
    ],
    arguments: { max_data_len: u64 },
  },
  upgrade: {
    opcode: 3,
    roles: [
      'program_data_account',
      'program_account',
      'buffer_account',
      'spill_account',
      'rent_sysvar',
      'clock_sysvar',
      'authority',
    ],
  },
  set_authority: {
    opcode: 4,
    roles: ['buffer_or_program_data_account', 'current_authority'],
    optionalRoles: ['new_authority'],
  },
  close: {
    opcode: 5,
    roles: ['buffer_or_program_data_account', 'destination_account'],
    optionalRoles: ['authority', 'program_account'],
  },
  extend_program: {
    opcode: 6,
    roles: ['program_data_account', 'program_account'],
    optionalRoles: ['system_program', 'payer'],
    arguments: { additional_bytes: u32 },
  },
  set_authority_checked: {
    opcode: 7,
    roles: ['buffer_or_program_data_account', 'current_authority', 'new_authority'],
  },
  // The last two were in the interface until its version 7, and are executed where their features are active.
  migrate: { opcode: 8, roles: ['program_data_account', 'program_account', 'authority'] },
  extend_program_checked: {
    opcode: 9,
    roles: ['program_data_account', 'program_account', 'authority'],
    optionalRoles: ['system_program', 'payer'],
    arguments: { additional_bytes: u32 },
  },
} as const satisfies InstructionTable;

export type LoaderV3InstructionName = keyof typeof TABLE;

export const LOADER_V3 = tableProgram({
  name: 'loader_v3',
  addresses: [LOADER_V3_PROGRAM],
  opcodeBytes: 4,
  instructions: TABLE,
});
