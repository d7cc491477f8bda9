// Owns the Stake program's instructions (solana-stake-interface; kit client @solana-program/stake).
import type { Address } from '../../address.ts';
import { seed, variant } from './bincode-reader.ts';
import { address, option, signed, u64 } from './data-reader.ts';
import type { InstructionTable, NativeProgram, RawInstruction } from './instruction-table.ts';
import { CLOCK_SYSVAR, RENT_SYSVAR, STAKE_PROGRAM } from './program-ids.ts';
import { readOpcode, tableDecoder } from './table-program.ts';

const NAME = 'stake';

const AUTHORITY_TYPE = variant({ staker: null, withdrawer: null });
const I64 = signed(8);
const LAMPORTS = { lamports: u64 };
const UNTIL = { unix_timestamp: option(I64), epoch: option(u64) };
const BY_SEED = { authority_type: AUTHORITY_TYPE, authority_seed: seed, authority_owner: address };
const SEED = ['authority_seed'];
const CUSTODIAN = ['lockup_authority'];

/**
 * Accounts as the program takes them since its version 5. Required roles are those that it insists on: of an authority it asks only
 * that it signs somewhere, so where no position is checked the role is optional.
 */
const TABLE = {
  initialize: {
    opcode: 0,
    roles: ['stake'],
    optionalRoles: ['rent_sysvar'],
    arguments: { staker: address, withdrawer: address, unix_timestamp: I64, epoch: u64, custodian: address },
  },
  authorize: {
    opcode: 1,
    roles: ['stake', 'authority'],
    optionalRoles: CUSTODIAN,
    arguments: { new_authority: address, authority_type: AUTHORITY_TYPE },
  },
  delegate_stake: { opcode: 2, roles: ['stake', 'vote', 'stake_authority'] },
  split: { opcode: 3, roles: ['stake', 'split_stake'], optionalRoles: ['stake_authority'], arguments: LAMPORTS },
  withdraw: {
    opcode: 4,
    roles: ['stake', 'recipient', 'withdraw_authority'],
    optionalRoles: CUSTODIAN,
    arguments: LAMPORTS,
  },
  deactivate: { opcode: 5, roles: ['stake', 'stake_authority'] },
  set_lockup: {
    opcode: 6,
    roles: ['stake'],
    optionalRoles: ['authority'],
    arguments: { ...UNTIL, custodian: option(address) },
  },
  merge: { opcode: 7, roles: ['destination_stake', 'source_stake', 'stake_authority'] },
  authorize_with_seed: {
    opcode: 8,
    roles: ['stake', 'base'],
    optionalRoles: CUSTODIAN,
    arguments: { new_authority: address, ...BY_SEED },
    texts: SEED,
  },
  initialize_checked: { opcode: 9, roles: ['stake', 'stake_authority', 'withdraw_authority'] },
  authorize_checked: {
    opcode: 10,
    roles: ['stake', 'authority', 'new_authority'],
    optionalRoles: CUSTODIAN,
    arguments: { authority_type: AUTHORITY_TYPE },
  },
  authorize_checked_with_seed: {
    opcode: 11,
    roles: ['stake', 'base', 'new_authority'],
    optionalRoles: CUSTODIAN,
    arguments: BY_SEED,
    texts: SEED,
  },
  set_lockup_checked: {
    opcode: 12,
    roles: ['stake'],
    optionalRoles: ['authority', 'new_authority'],
    arguments: UNTIL,
  },
  get_minimum_delegation: { opcode: 13, roles: [] },
  deactivate_delinquent: { opcode: 14, roles: ['stake', 'delinquent_vote', 'reference_vote'] },
  // 15, redelegate, was never enabled: the program refuses it, and here it is unknown.
  move_stake: { opcode: 16, roles: ['source_stake', 'destination_stake', 'stake_authority'], arguments: LAMPORTS },
  move_lamports: { opcode: 17, roles: ['source_stake', 'destination_stake', 'stake_authority'], arguments: LAMPORTS },
} as const satisfies InstructionTable;

export type StakeInstructionName = keyof typeof TABLE;

const STAKER = ['stake_authority'];

/** Accounts with the sysvars that the older interface wants. Every version checks the first of them, so it tells which one is meant. */
const OLDER_TABLE = {
  authorize: { ...TABLE.authorize, roles: ['stake', 'clock_sysvar', 'authority'] },
  delegate_stake: {
    ...TABLE.delegate_stake,
    roles: ['stake', 'vote', 'clock_sysvar', 'stake_history', 'unused'],
    optionalRoles: STAKER,
  },
  withdraw: {
    ...TABLE.withdraw,
    roles: ['stake', 'recipient', 'clock_sysvar', 'stake_history', 'withdraw_authority'],
  },
  deactivate: { ...TABLE.deactivate, roles: ['stake', 'clock_sysvar'], optionalRoles: STAKER },
  merge: {
    ...TABLE.merge,
    roles: ['destination_stake', 'source_stake', 'clock_sysvar', 'stake_history'],
    optionalRoles: STAKER,
  },
  authorize_with_seed: { ...TABLE.authorize_with_seed, roles: ['stake', 'base', 'clock_sysvar'] },
  initialize_checked: {
    ...TABLE.initialize_checked,
    roles: ['stake', 'rent_sysvar', 'stake_authority', 'withdraw_authority'],
  },
  authorize_checked: { ...TABLE.authorize_checked, roles: ['stake', 'clock_sysvar', 'authority', 'new_authority'] },
  authorize_checked_with_seed: {
    ...TABLE.authorize_checked_with_seed,
    roles: ['stake', 'base', 'clock_sysvar', 'new_authority'],
  },
} as const satisfies InstructionTable;

const SYSVARS: ReadonlyMap<string, Address> = new Map([
  ['clock_sysvar', CLOCK_SYSVAR],
  ['rent_sysvar', RENT_SYSVAR],
]);

const OLDER_ROLES: ReadonlyMap<number, readonly string[]> = new Map(
  Object.values(OLDER_TABLE).map(({ opcode, roles }) => [opcode, roles]),
);

const decodeRow = tableDecoder(NAME, 4, TABLE);
const decodeOlderRow = tableDecoder(NAME, 4, OLDER_TABLE);

function isOlder(raw: RawInstruction): boolean {
  const roles = OLDER_ROLES.get(readOpcode(raw, 4) ?? -1) ?? [];
  return roles.some((role, i) => {
    const sysvar = SYSVARS.get(role);
    return sysvar !== undefined && raw.accounts[i]?.address === sysvar;
  });
}

export const STAKE: NativeProgram = {
  name: NAME,
  addresses: [STAKE_PROGRAM],
  decode: (raw) => (isOlder(raw) ? decodeOlderRow(raw) : decodeRow(raw)),
  instructions: TABLE,
};
