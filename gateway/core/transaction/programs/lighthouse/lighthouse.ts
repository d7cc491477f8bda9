// Owns the instructions of Lighthouse: assertions that make a transaction fail, and memory that they compare with.
import { leb128, leb128List } from '../borsh-reader.ts';
import { type ReadArgument, u8 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { LIGHTHOUSE_PROGRAM } from '../program-ids.ts';
import { tableProgram } from '../table-program.ts';
import {
  ACCOUNT_DATA_ASSERTION,
  ACCOUNT_DELTA_ASSERTION,
  ACCOUNT_INFO_ASSERTION,
  BUBBLEGUM_TREE_CONFIG_ASSERTION,
  LOG_LEVEL,
  MERKLE_TREE_ASSERTION,
  MINT_ACCOUNT_ASSERTION,
  STAKE_ACCOUNT_ASSERTION,
  SYSVAR_CLOCK_ASSERTION,
  TOKEN_ACCOUNT_ASSERTION,
  UPGRADEABLE_LOADER_ASSERTION,
  WRITE_TYPE,
} from './lighthouse-assertions.ts';

const TARGET = ['target_account'] as const;

const one = (assertion: ReadArgument) => ({ log_level: LOG_LEVEL, assertion });
const several = (assertion: ReadArgument) => ({ log_level: LOG_LEVEL, assertions: leb128List(assertion) });

const TABLE = {
  memory_write: {
    opcode: 0,
    roles: ['program_id', 'system_program', 'payer', 'memory', 'source_account'],
    arguments: { memory_id: u8, memory_bump: u8, write_offset: leb128, write_type: WRITE_TYPE },
  },
  memory_close: {
    opcode: 1,
    roles: ['program_id', 'payer', 'memory'],
    arguments: { memory_id: u8, memory_bump: u8 },
  },
  assert_account_data: { opcode: 2, roles: TARGET, arguments: one(ACCOUNT_DATA_ASSERTION) },
  assert_account_data_multi: { opcode: 3, roles: TARGET, arguments: several(ACCOUNT_DATA_ASSERTION) },
  assert_account_delta: { opcode: 4, roles: ['account_a', 'account_b'], arguments: one(ACCOUNT_DELTA_ASSERTION) },
  assert_account_info: { opcode: 5, roles: TARGET, arguments: one(ACCOUNT_INFO_ASSERTION) },
  assert_account_info_multi: { opcode: 6, roles: TARGET, arguments: several(ACCOUNT_INFO_ASSERTION) },
  assert_mint_account: { opcode: 7, roles: TARGET, arguments: one(MINT_ACCOUNT_ASSERTION) },
  assert_mint_account_multi: { opcode: 8, roles: TARGET, arguments: several(MINT_ACCOUNT_ASSERTION) },
  assert_token_account: { opcode: 9, roles: TARGET, arguments: one(TOKEN_ACCOUNT_ASSERTION) },
  assert_token_account_multi: { opcode: 10, roles: TARGET, arguments: several(TOKEN_ACCOUNT_ASSERTION) },
  assert_stake_account: { opcode: 11, roles: TARGET, arguments: one(STAKE_ACCOUNT_ASSERTION) },
  assert_stake_account_multi: { opcode: 12, roles: TARGET, arguments: several(STAKE_ACCOUNT_ASSERTION) },
  assert_upgradeable_loader_account: { opcode: 13, roles: TARGET, arguments: one(UPGRADEABLE_LOADER_ASSERTION) },
  assert_upgradeable_loader_account_multi: {
    opcode: 14,
    roles: TARGET,
    arguments: several(UPGRADEABLE_LOADER_ASSERTION),
  },
  assert_sysvar_clock: { opcode: 15, roles: [], arguments: one(SYSVAR_CLOCK_ASSERTION) },
  assert_merkle_tree_account: {
    opcode: 16,
    roles: ['target_merkle_tree', 'root', 'spl_account_compression'],
    furtherRole: 'proof',
    arguments: one(MERKLE_TREE_ASSERTION),
  },
  assert_bubblegum_tree_config_account: {
    opcode: 17,
    roles: TARGET,
    arguments: one(BUBBLEGUM_TREE_CONFIG_ASSERTION),
  },
} as const satisfies InstructionTable;

export type LighthouseInstructionName = keyof typeof TABLE;

export const LIGHTHOUSE = tableProgram({
  name: 'lighthouse',
  addresses: [LIGHTHOUSE_PROGRAM],
  opcodeBytes: 1,
  instructions: TABLE,
});
