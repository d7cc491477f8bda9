// Owns the layouts of what Lighthouse can assert and write (its types; kit client lighthouse-sdk). The order is the program's.
import { leb128, leb128Bytes, variant } from '../borsh-reader.ts';
import { struct } from '../composed-reader.ts';
import {
  address,
  bool,
  bytes,
  oneOf,
  option,
  type ReadArgument,
  signed,
  u8,
  u16,
  u32,
  u64,
  u128,
} from '../data-reader.ts';

const INTEGER_OPERATOR = oneOf([
  'equal',
  'not_equal',
  'greater_than',
  'less_than',
  'greater_than_or_equal',
  'less_than_or_equal',
  'contains',
  'does_not_contain',
]);
const EQUATABLE_OPERATOR = oneOf(['equal', 'not_equal']);

export const LOG_LEVEL = oneOf([
  'silent',
  'plaintext_message',
  'encoded_message',
  'encoded_noop',
  'failed_plaintext_message',
  'failed_encoded_message',
  'failed_encoded_noop',
]);

const integer = (value: ReadArgument) => struct({ value, operator: INTEGER_OPERATOR });
const equatable = (value: ReadArgument) => struct({ value, operator: EQUATABLE_OPERATOR });

const ACCOUNT_INFO_FIELD = oneOf(['key', 'lamports', 'data_length', 'owner', 'rent_epoch', 'executable']);
const CLOCK_FIELD = oneOf(['slot', 'epoch_start_timestamp', 'epoch', 'leader_schedule_epoch', 'unix_timestamp']);

export const KNOWN_PROGRAMS = [
  'system',
  'token',
  'token_2022',
  'rent',
  'stake',
  'vote',
  'bpf_loader',
  'upgradeable_loader',
  'sysvar_config',
] as const;

export const WRITE_TYPE = variant({
  account_data: struct({ offset: u16, data_length: u16 }),
  account_info_field: ACCOUNT_INFO_FIELD,
  data_value: variant({
    bool,
    u8,
    i8: signed(1),
    u16,
    i16: signed(2),
    u32,
    i32: signed(4),
    u64,
    i64: signed(8),
    u128,
    i128: signed(16),
    bytes: leb128Bytes,
    pubkey: address,
  }),
  clock: CLOCK_FIELD,
});

export const ACCOUNT_DATA_ASSERTION = struct({
  offset: leb128,
  assertion: variant({
    bool: equatable(bool),
    u8: integer(u8),
    i8: integer(signed(1)),
    u16: integer(u16),
    i16: integer(signed(2)),
    u32: integer(u32),
    i32: integer(signed(4)),
    u64: integer(u64),
    i64: integer(signed(8)),
    u128: integer(u128),
    i128: integer(signed(16)),
    bytes: equatable(leb128Bytes),
    pubkey: equatable(address),
  }),
});

export const ACCOUNT_DELTA_ASSERTION = variant({
  account_info: struct({
    a_offset: leb128,
    assertion: variant({
      lamports: integer(signed(16)),
      data_length: integer(signed(16)),
      owner: struct({ operator: EQUATABLE_OPERATOR }),
      rent_epoch: integer(signed(16)),
    }),
  }),
  data: struct({
    a_offset: leb128,
    b_offset: leb128,
    assertion: variant({
      u8: integer(signed(2)),
      i8: integer(signed(2)),
      u16: integer(signed(4)),
      i16: integer(signed(4)),
      u32: integer(signed(8)),
      i32: integer(signed(8)),
      u64: integer(signed(16)),
      i64: integer(signed(16)),
      bytes: struct({ length: u16, operator: EQUATABLE_OPERATOR }),
    }),
  }),
});

export const ACCOUNT_INFO_ASSERTION = variant({
  lamports: integer(u64),
  data_length: integer(u64),
  owner: equatable(address),
  known_owner: equatable(oneOf(KNOWN_PROGRAMS)),
  rent_epoch: integer(u64),
  is_signer: equatable(bool),
  is_writable: equatable(bool),
  executable: equatable(bool),
  verify_datahash: struct({ expected_hash: bytes(32), start: leb128, length: leb128 }),
});

export const MINT_ACCOUNT_ASSERTION = variant({
  mint_authority: equatable(option(address)),
  supply: integer(u64),
  decimals: integer(u8),
  is_initialized: equatable(bool),
  freeze_authority: equatable(option(address)),
});

export const TOKEN_ACCOUNT_ASSERTION = variant({
  mint: equatable(address),
  owner: equatable(address),
  amount: integer(u64),
  delegate: equatable(option(address)),
  state: integer(u8),
  is_native: equatable(option(u64)),
  delegated_amount: integer(u64),
  close_authority: equatable(option(address)),
  token_account_owner_is_derived: null,
});

export const STAKE_ACCOUNT_ASSERTION = variant({
  state: equatable(oneOf(['uninitialized', 'initialized', 'stake', 'rewards_pool'])),
  meta_assertion: variant({
    rent_exempt_reserve: integer(u64),
    authorized_staker: equatable(address),
    authorized_withdrawer: equatable(address),
    lockup_unix_timestamp: integer(signed(8)),
    lockup_epoch: integer(u64),
    lockup_custodian: equatable(address),
  }),
  stake_assertion: variant({
    delegation_voter_pubkey: equatable(address),
    delegation_stake: integer(u64),
    delegation_activation_epoch: integer(u64),
    delegation_deactivation_epoch: integer(u64),
    credits_observed: integer(u64),
  }),
  stake_flags: integer(u8),
});

export const UPGRADEABLE_LOADER_ASSERTION = variant({
  state: equatable(oneOf(['uninitialized', 'buffer', 'program', 'program_data'])),
  buffer: variant({ authority: equatable(option(address)) }),
  program: variant({ program_data_address: equatable(address) }),
  program_data: variant({ upgrade_authority: equatable(option(address)), slot: integer(u64) }),
});

export const SYSVAR_CLOCK_ASSERTION = variant({
  slot: integer(u64),
  epoch_start_timestamp: integer(signed(8)),
  epoch: integer(u64),
  leader_schedule_epoch: integer(u64),
  unix_timestamp: integer(signed(8)),
});

export const MERKLE_TREE_ASSERTION = variant({
  verify_leaf: struct({ leaf_index: u32, leaf_hash: bytes(32) }),
});

export const BUBBLEGUM_TREE_CONFIG_ASSERTION = variant({
  tree_creator: equatable(address),
  tree_delegate: equatable(address),
  total_mint_capacity: integer(u64),
  num_minted: integer(u64),
  is_public: equatable(bool),
  is_decompressible: equatable(u8),
});
