// Owns the instructions that SPL Token and Token-2022 have in common (solana-program/token, token-2022).
import { address, oneOf, option, type ReadArgument, remainingText, u8, u64 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';

/** Every authority may be a multisig, whose members then follow. */
export const MEMBERS = { furtherRole: 'multisig_signer' } as const;
const AMOUNT = { amount: u64 } as const;
export const CHECKED = { amount: u64, decimals: u8 } as const;
const MINT = { decimals: u8, mint_authority: address, freeze_authority: option(address) } as const;
/** What each program has; Token-2022 adds to them. */
export const AUTHORITY_TYPES = ['mint_tokens', 'freeze_account', 'account_owner', 'close_account'];

export const TOKEN_INSTRUCTIONS = {
  initialize_mint: { opcode: 0, roles: ['mint', 'rent_sysvar'], arguments: MINT },
  initialize_account: { opcode: 1, roles: ['account', 'mint', 'owner', 'rent_sysvar'] },
  initialize_multisig: {
    opcode: 2,
    roles: ['multisig', 'rent_sysvar'],
    furtherRole: 'member',
    arguments: { required_signers: u8 },
  },
  transfer: { opcode: 3, roles: ['source', 'destination', 'authority'], ...MEMBERS, arguments: AMOUNT },
  approve: { opcode: 4, roles: ['source', 'delegate', 'owner'], ...MEMBERS, arguments: AMOUNT },
  revoke: { opcode: 5, roles: ['source', 'owner'], ...MEMBERS },
  set_authority: {
    opcode: 6,
    roles: ['account', 'authority'],
    ...MEMBERS,
    arguments: newAuthority(AUTHORITY_TYPES),
  },
  mint_to: { opcode: 7, roles: ['mint', 'account', 'authority'], ...MEMBERS, arguments: AMOUNT },
  burn: { opcode: 8, roles: ['account', 'mint', 'authority'], ...MEMBERS, arguments: AMOUNT },
  close_account: { opcode: 9, roles: ['account', 'destination', 'owner'], ...MEMBERS },
  freeze_account: { opcode: 10, roles: ['account', 'mint', 'authority'], ...MEMBERS },
  thaw_account: { opcode: 11, roles: ['account', 'mint', 'authority'], ...MEMBERS },
  transfer_checked: {
    opcode: 12,
    roles: ['source', 'mint', 'destination', 'authority'],
    ...MEMBERS,
    arguments: CHECKED,
  },
  approve_checked: { opcode: 13, roles: ['source', 'mint', 'delegate', 'owner'], ...MEMBERS, arguments: CHECKED },
  mint_to_checked: { opcode: 14, roles: ['mint', 'account', 'authority'], ...MEMBERS, arguments: CHECKED },
  burn_checked: { opcode: 15, roles: ['account', 'mint', 'authority'], ...MEMBERS, arguments: CHECKED },
  initialize_account2: { opcode: 16, roles: ['account', 'mint', 'rent_sysvar'], arguments: { owner: address } },
  sync_native: { opcode: 17, roles: ['account'], optionalRoles: ['rent_sysvar'] },
  initialize_account3: { opcode: 18, roles: ['account', 'mint'], arguments: { owner: address } },
  initialize_multisig2: {
    opcode: 19,
    roles: ['multisig'],
    furtherRole: 'member',
    arguments: { required_signers: u8 },
  },
  initialize_mint2: { opcode: 20, roles: ['mint'], arguments: MINT },
  get_account_data_size: { opcode: 21, roles: ['mint'] },
  initialize_immutable_owner: { opcode: 22, roles: ['account'] },
  amount_to_ui_amount: { opcode: 23, roles: ['mint'], arguments: AMOUNT },
  ui_amount_to_amount: { opcode: 24, roles: ['mint'], arguments: { ui_amount: remainingText }, texts: ['ui_amount'] },
  withdraw_excess_lamports: { opcode: 38, roles: ['source', 'destination', 'authority'], ...MEMBERS },
  unwrap_lamports: {
    opcode: 45,
    roles: ['source', 'destination', 'authority'],
    ...MEMBERS,
    arguments: { amount: option(u64) },
  },
} as const satisfies InstructionTable;

export function newAuthority(types: readonly string[]): Readonly<Record<string, ReadArgument>> {
  return { authority_type: oneOf(types), new_authority: option(address) };
}
