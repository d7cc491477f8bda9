// Owns the System program's instructions (solana-system-interface; kit client @solana-program/system).
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { seed } from './bincode-reader.ts';
import { address, u64 } from './data-reader.ts';
import { type InstructionTable, type NativeProgram, type RawInstruction, unknown } from './instruction-table.ts';
import { SYSTEM_PROGRAM } from './program-ids.ts';
import { tableDecoder } from './table-program.ts';

const NAME = 'system';

/**
 * Required roles are those that the runtime insists on. It takes a nonce authority and the base of a derived address from
 * anywhere among the signing accounts, so their positions are optional.
 */
const TABLE = {
  create_account: {
    opcode: 0,
    roles: ['payer', 'new_account'],
    arguments: { lamports: u64, space: u64, program: address },
  },
  assign: { opcode: 1, roles: ['account'], arguments: { program: address } },
  transfer: { opcode: 2, roles: ['source', 'destination'], arguments: { lamports: u64 } },
  create_account_with_seed: {
    opcode: 3,
    roles: ['payer', 'new_account'],
    optionalRoles: ['base_account'],
    arguments: { base: address, seed, lamports: u64, space: u64, program: address },
    texts: ['seed'],
  },
  advance_nonce_account: {
    opcode: 4,
    roles: ['nonce_account', 'recent_blockhashes_sysvar'],
    optionalRoles: ['nonce_authority'],
  },
  withdraw_nonce_account: {
    opcode: 5,
    roles: ['nonce_account', 'recipient', 'recent_blockhashes_sysvar', 'rent_sysvar'],
    optionalRoles: ['nonce_authority'],
    arguments: { lamports: u64 },
  },
  initialize_nonce_account: {
    opcode: 6,
    roles: ['nonce_account', 'recent_blockhashes_sysvar', 'rent_sysvar'],
    arguments: { nonce_authority: address },
  },
  authorize_nonce_account: {
    opcode: 7,
    roles: ['nonce_account'],
    optionalRoles: ['nonce_authority'],
    arguments: { new_nonce_authority: address },
  },
  allocate: { opcode: 8, roles: ['account'], arguments: { space: u64 } },
  allocate_with_seed: {
    opcode: 9,
    roles: ['account'],
    optionalRoles: ['base_account'],
    arguments: { base: address, seed, space: u64, program: address },
    texts: ['seed'],
  },
  assign_with_seed: {
    opcode: 10,
    roles: ['account'],
    optionalRoles: ['base_account'],
    arguments: { base: address, seed, program: address },
    texts: ['seed'],
  },
  transfer_with_seed: {
    opcode: 11,
    roles: ['source', 'base_account', 'destination'],
    arguments: { lamports: u64, source_seed: seed, source_owner: address },
    texts: ['source_seed'],
  },
  upgrade_nonce_account: { opcode: 12, roles: ['nonce_account'] },
  // SIMD-0312: the new account stands first, and the payer only where lamports are moved.
  create_account_allow_prefund: {
    opcode: 13,
    roles: ['new_account'],
    optionalRoles: ['payer'],
    arguments: { lamports: u64, space: u64, program: address },
  },
} as const satisfies InstructionTable;

export type SystemInstructionName = keyof typeof TABLE;

const decodeRow = tableDecoder(NAME, 4, TABLE);

function decodeSystem(raw: RawInstruction): DecodedInstruction {
  const decoded = decodeRow(raw);
  if (decoded.kind === 'known' && decoded.name === 'create_account_allow_prefund') {
    const lamports = decoded.arguments.lamports;
    if (lamports !== 0n && raw.accounts.length < 2) {
      return unknown(raw, NAME, 'create_account_allow_prefund needs a payer when it moves lamports');
    }
  }
  return decoded;
}

export const SYSTEM: NativeProgram = {
  name: NAME,
  addresses: [SYSTEM_PROGRAM],
  decode: decodeSystem,
  instructions: TABLE,
};
