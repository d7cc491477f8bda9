// Owns the instructions of Token-2022 about transfer fees (extension `transfer_fee_config`).
import { address, option, u8, u16, u64 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { MEMBERS_OR_HOOK } from './token-2022-accounts.ts';
import { MEMBERS } from './token-instructions.ts';

const OPCODE = 26;
const FEE = { transfer_fee_basis_points: u16, maximum_fee: u64 } as const;
const WITHDRAW = {
  opcode: OPCODE,
  roles: ['mint', 'fee_receiver', 'withdraw_withheld_authority'],
  ...MEMBERS,
} as const;

export const TRANSFER_FEE_INSTRUCTIONS = {
  initialize_transfer_fee_config: {
    opcode: OPCODE,
    subOpcode: 0,
    roles: ['mint'],
    arguments: { transfer_fee_config_authority: option(address), withdraw_withheld_authority: option(address), ...FEE },
  },
  transfer_checked_with_fee: {
    opcode: OPCODE,
    subOpcode: 1,
    roles: ['source', 'mint', 'destination', 'authority'],
    ...MEMBERS_OR_HOOK,
    arguments: { amount: u64, decimals: u8, fee: u64 },
  },
  withdraw_withheld_tokens_from_mint: { ...WITHDRAW, subOpcode: 2 },
  withdraw_withheld_tokens_from_accounts: {
    ...WITHDRAW,
    subOpcode: 3,
    lastRole: { role: 'source', count: 'num_token_accounts' },
    arguments: { num_token_accounts: u8 },
  },
  harvest_withheld_tokens_to_mint: { opcode: OPCODE, subOpcode: 4, roles: ['mint'], furtherRole: 'source' },
  set_transfer_fee: {
    opcode: OPCODE,
    subOpcode: 5,
    roles: ['mint', 'transfer_fee_config_authority'],
    ...MEMBERS,
    arguments: FEE,
  },
} as const satisfies InstructionTable;
