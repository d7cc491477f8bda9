// Owns the Vote program's instructions (solana-vote-interface).
import { seed, variant } from './bincode-reader.ts';
import { struct } from './composed-reader.ts';
import { address, bytes, u8, u16, u64 } from './data-reader.ts';
import type { InstructionTable } from './instruction-table.ts';
import { VOTE_PROGRAM } from './program-ids.ts';
import { tableProgram } from './table-program.ts';

const BLS_KEY = bytes(48);
const BLS_PROOF = bytes(96);
const AUTHORITY_TYPE = variant({
  voter: null,
  withdrawer: null,
  voter_with_bls: struct({ bls_pubkey: BLS_KEY, bls_proof_of_possession: BLS_PROOF }),
});
const COMMISSION_KIND = variant({ inflation_rewards: null, block_revenue: null });
const BY_SEED = { authority_type: AUTHORITY_TYPE, authority_owner: address, authority_seed: seed };
const SEED = ['authority_seed'];
const AUTHORITY = ['authority'];
const WITHDRAWER = ['withdraw_authority'];

/** What was voted for is not listed: it moves nothing, and a vote that does not fit the chain's history is refused. */
const BY_STATE = { roles: ['vote'], optionalRoles: ['vote_authority'] } as const;
const BY_SYSVARS = {
  roles: ['vote', 'slot_hashes_sysvar', 'clock_sysvar'],
  optionalRoles: ['vote_authority'],
} as const;

/**
 * Required roles are those that the runtime insists on. Of an authority it asks only that it signs somewhere, so where its position is
 * not checked the role is optional.
 */
const TABLE = {
  initialize_account: {
    opcode: 0,
    roles: ['vote', 'rent_sysvar', 'clock_sysvar'],
    optionalRoles: ['node'],
    arguments: { node_pubkey: address, authorized_voter: address, authorized_withdrawer: address, commission: u8 },
  },
  authorize: {
    opcode: 1,
    roles: ['vote', 'clock_sysvar'],
    optionalRoles: AUTHORITY,
    arguments: { new_authority: address, authority_type: AUTHORITY_TYPE },
  },
  vote: { opcode: 2, ...BY_SYSVARS },
  withdraw: {
    opcode: 3,
    roles: ['vote', 'recipient'],
    optionalRoles: WITHDRAWER,
    arguments: { lamports: u64 },
  },
  update_validator_identity: { opcode: 4, roles: ['vote', 'node'], optionalRoles: WITHDRAWER },
  update_commission: { opcode: 5, roles: ['vote'], optionalRoles: WITHDRAWER, arguments: { commission: u8 } },
  vote_switch: { opcode: 6, ...BY_SYSVARS },
  authorize_checked: {
    opcode: 7,
    roles: ['vote', 'clock_sysvar', 'authority', 'new_authority'],
    arguments: { authority_type: AUTHORITY_TYPE },
  },
  update_vote_state: { opcode: 8, ...BY_STATE },
  update_vote_state_switch: { opcode: 9, ...BY_STATE },
  authorize_with_seed: {
    opcode: 10,
    roles: ['vote', 'clock_sysvar', 'base'],
    arguments: { ...BY_SEED, new_authority: address },
    texts: SEED,
  },
  authorize_checked_with_seed: {
    opcode: 11,
    roles: ['vote', 'clock_sysvar', 'base', 'new_authority'],
    arguments: BY_SEED,
    texts: SEED,
  },
  compact_update_vote_state: { opcode: 12, ...BY_STATE },
  compact_update_vote_state_switch: { opcode: 13, ...BY_STATE },
  tower_sync: { opcode: 14, ...BY_STATE },
  tower_sync_switch: { opcode: 15, ...BY_STATE },
  initialize_account_v2: {
    opcode: 16,
    roles: ['vote', 'node', 'inflation_rewards_collector', 'block_revenue_collector'],
    arguments: {
      node_pubkey: address,
      authorized_voter: address,
      authorized_voter_bls_pubkey: BLS_KEY,
      authorized_voter_bls_proof_of_possession: BLS_PROOF,
      authorized_withdrawer: address,
      inflation_rewards_commission_bps: u16,
      block_revenue_commission_bps: u16,
    },
  },
  update_commission_collector: {
    opcode: 17,
    roles: ['vote', 'new_collector'],
    optionalRoles: WITHDRAWER,
    arguments: { kind: COMMISSION_KIND },
  },
  update_commission_bps: {
    opcode: 18,
    roles: ['vote'],
    optionalRoles: WITHDRAWER,
    arguments: { commission_bps: u16, kind: COMMISSION_KIND },
  },
  deposit_delegator_rewards: {
    opcode: 19,
    roles: ['vote', 'source'],
    optionalRoles: ['system_program'],
    arguments: { deposit: u64 },
  },
} as const satisfies InstructionTable;

export type VoteInstructionName = keyof typeof TABLE;

export const VOTE = tableProgram({
  name: 'vote',
  addresses: [VOTE_PROGRAM],
  opcodeBytes: 4,
  instructions: TABLE,
});
