// Owns the instructions of Token-2022 that concern a token account, or all that SPL Token has too (solana-program/token-2022).
import { u64 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { extensionTypes } from './token-2022-readers.ts';
import { AUTHORITY_TYPES, CHECKED, MEMBERS, newAuthority, TOKEN_INSTRUCTIONS } from './token-instructions.ts';

/** In the order of the program's `AuthorityType`. */
const ALL_AUTHORITY_TYPES = [
  ...AUTHORITY_TYPES,
  'transfer_fee_config',
  'withheld_withdraw',
  'close_mint',
  'interest_rate',
  'permanent_delegate',
  'confidential_transfer_mint',
  'transfer_hook_program_id',
  'confidential_transfer_fee_config',
  'metadata_pointer',
  'group_pointer',
  'group_member_pointer',
  'scaled_ui_amount',
  'pause',
  'permissioned_burn',
];

/** What the mint's transfer hook is called with follows the authority as well, and nothing tells it from a multisig's members. */
export const MEMBERS_OR_HOOK = { furtherRole: 'multisig_signer_or_hook_account' } as const;

const OWNED = { roles: ['token', 'owner'], ...MEMBERS } as const;

export const ACCOUNT_INSTRUCTIONS = {
  ...TOKEN_INSTRUCTIONS,
  transfer_checked: { ...TOKEN_INSTRUCTIONS.transfer_checked, ...MEMBERS_OR_HOOK },
  set_authority: { ...TOKEN_INSTRUCTIONS.set_authority, arguments: newAuthority(ALL_AUTHORITY_TYPES) },
  get_account_data_size: { opcode: 21, roles: ['mint'], arguments: { extension_types: extensionTypes } },
  reallocate: {
    opcode: 29,
    roles: ['token', 'payer', 'system_program', 'owner'],
    ...MEMBERS,
    arguments: { new_extension_types: extensionTypes },
  },
  enable_memo_transfers: { opcode: 30, subOpcode: 0, ...OWNED },
  disable_memo_transfers: { opcode: 30, subOpcode: 1, ...OWNED },
  create_native_mint: { opcode: 31, roles: ['payer', 'native_mint', 'system_program'] },
  enable_cpi_guard: { opcode: 34, subOpcode: 0, ...OWNED },
  disable_cpi_guard: { opcode: 34, subOpcode: 1, ...OWNED },
  permissioned_burn: {
    opcode: 46,
    subOpcode: 1,
    roles: ['account', 'mint', 'permissioned_burn_authority', 'authority'],
    ...MEMBERS,
    arguments: { amount: u64 },
  },
  permissioned_burn_checked: {
    opcode: 46,
    subOpcode: 2,
    roles: ['account', 'mint', 'permissioned_burn_authority', 'authority'],
    ...MEMBERS,
    arguments: CHECKED,
  },
} as const satisfies InstructionTable;
