// Owns the instructions of Token-2022 that set what a mint is like: its extensions without their own kind of transfer.
import { address, oneOf, option, signed } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { multiplier, optionalAddress } from './token-2022-readers.ts';
import { MEMBERS } from './token-instructions.ts';

const NEW_MINT = { roles: ['mint'] } as const;
const AUTHORITY = { roles: ['mint', 'authority'], ...MEMBERS } as const;
const DEFAULT_STATE = { state: oneOf(['uninitialized', 'initialized', 'frozen']) } as const;

export const MINT_SETTING_INSTRUCTIONS = {
  initialize_mint_close_authority: { opcode: 25, ...NEW_MINT, arguments: { close_authority: option(address) } },
  initialize_non_transferable_mint: { opcode: 32, ...NEW_MINT },
  initialize_permanent_delegate: { opcode: 35, ...NEW_MINT, arguments: { delegate: address } },
  initialize_default_account_state: { opcode: 28, subOpcode: 0, ...NEW_MINT, arguments: DEFAULT_STATE },
  update_default_account_state: {
    opcode: 28,
    subOpcode: 1,
    roles: ['mint', 'freeze_authority'],
    ...MEMBERS,
    arguments: DEFAULT_STATE,
  },
  initialize_interest_bearing_mint: {
    opcode: 33,
    subOpcode: 0,
    ...NEW_MINT,
    arguments: { rate_authority: optionalAddress, rate: signed(2) },
  },
  update_rate_interest_bearing_mint: {
    opcode: 33,
    subOpcode: 1,
    roles: ['mint', 'rate_authority'],
    ...MEMBERS,
    arguments: { rate: signed(2) },
  },
  initialize_transfer_hook: {
    opcode: 36,
    subOpcode: 0,
    ...NEW_MINT,
    arguments: { authority: optionalAddress, program_id: optionalAddress },
  },
  update_transfer_hook: { opcode: 36, subOpcode: 1, ...AUTHORITY, arguments: { program_id: optionalAddress } },
  initialize_scaled_ui_amount_mint: {
    opcode: 43,
    subOpcode: 0,
    ...NEW_MINT,
    arguments: { authority: optionalAddress, multiplier },
  },
  update_multiplier_scaled_ui_mint: {
    opcode: 43,
    subOpcode: 1,
    ...AUTHORITY,
    arguments: { multiplier, effective_timestamp: signed(8) },
  },
  initialize_pausable_config: { opcode: 44, subOpcode: 0, ...NEW_MINT, arguments: { authority: optionalAddress } },
  pause: { opcode: 44, subOpcode: 1, ...AUTHORITY },
  resume: { opcode: 44, subOpcode: 2, ...AUTHORITY },
  initialize_permissioned_burn: { opcode: 46, subOpcode: 0, ...NEW_MINT, arguments: { authority: address } },
} as const satisfies InstructionTable;
