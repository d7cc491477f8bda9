import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../base64.ts';
import { keyAddress, keyBytes } from '../testing/wire-builder.ts';
import { decodeInstruction } from './decode-instruction.ts';
import { VOTE_PROGRAM } from './program-ids.ts';
import { VOTE } from './vote.ts';

/** In the order of the interface (solana-vote-interface, enum VoteInstruction): name, then roles of the accounts. */
const INTERFACE: readonly (readonly [string, ...string[]])[] = [
  ['initialize_account', 'vote', 'rent_sysvar', 'clock_sysvar', 'node'],
  ['authorize', 'vote', 'clock_sysvar', 'authority'],
  ['vote', 'vote', 'slot_hashes_sysvar', 'clock_sysvar', 'vote_authority'],
  ['withdraw', 'vote', 'recipient', 'withdraw_authority'],
  ['update_validator_identity', 'vote', 'node', 'withdraw_authority'],
  ['update_commission', 'vote', 'withdraw_authority'],
  ['vote_switch', 'vote', 'slot_hashes_sysvar', 'clock_sysvar', 'vote_authority'],
  ['authorize_checked', 'vote', 'clock_sysvar', 'authority', 'new_authority'],
  ['update_vote_state', 'vote', 'vote_authority'],
  ['update_vote_state_switch', 'vote', 'vote_authority'],
  ['authorize_with_seed', 'vote', 'clock_sysvar', 'base'],
  ['authorize_checked_with_seed', 'vote', 'clock_sysvar', 'base', 'new_authority'],
  ['compact_update_vote_state', 'vote', 'vote_authority'],
  ['compact_update_vote_state_switch', 'vote', 'vote_authority'],
  ['tower_sync', 'vote', 'vote_authority'],
  ['tower_sync_switch', 'vote', 'vote_authority'],
  ['initialize_account_v2', 'vote', 'node', 'inflation_rewards_collector', 'block_revenue_collector'],
  ['update_commission_collector', 'vote', 'new_collector', 'withdraw_authority'],
  ['update_commission_bps', 'vote', 'withdraw_authority'],
  ['deposit_delegator_rewards', 'vote', 'source', 'system_program'],
];

const u32 = (value: number) => [value, 0, 0, 0];

function decode(data: readonly number[], accountCount = 4) {
  const accounts = Array.from({ length: accountCount }, (_, i) => ({
    address: keyAddress(20 + i),
    signer: true,
    writable: true,
  }));
  return decodeInstruction({ index: 0, program: VOTE_PROGRAM, accounts, data: Uint8Array.from(data) });
}

describe('Vote', () => {
  it('knows every instruction of the interface and its accounts, in their order, and no other', () => {
    INTERFACE.forEach(([name, ...roles], opcode) => {
      const decoded = decode([...u32(opcode), ...new Array(300).fill(0)], roles.length);
      expect(decoded).toMatchObject({ kind: 'known', name, accounts: roles.map((role) => ({ role })) });
    });
    expect(Object.keys(VOTE.instructions)).toHaveLength(INTERFACE.length);
    expect(decode([...u32(INTERFACE.length), ...new Array(300).fill(0)])).toMatchObject({ kind: 'unknown' });
  });

  it('reads who may vote and withdraw from a new account', () => {
    const init = [...u32(0), ...keyBytes(1), ...keyBytes(2), ...keyBytes(3), 100];
    expect(decode(init)).toMatchObject({
      arguments: {
        node_pubkey: keyAddress(1),
        authorized_voter: keyAddress(2),
        authorized_withdrawer: keyAddress(3),
        commission: 100n,
      },
    });
    const key = new Array<number>(48).fill(4);
    const v2 = [
      ...u32(16),
      ...keyBytes(1),
      ...keyBytes(2),
      ...key,
      ...new Array(96).fill(5),
      ...keyBytes(3),
      1,
      1,
      2,
      0,
    ];
    expect(decode(v2)).toMatchObject({
      arguments: {
        authorized_voter: keyAddress(2),
        authorized_voter_bls_pubkey: encodeBase64(Uint8Array.from(key)),
        authorized_withdrawer: keyAddress(3),
        inflation_rewards_commission_bps: 257n,
        block_revenue_commission_bps: 2n,
      },
    });
  });

  it('reads each kind of authority, one with a BLS key too, and no other', () => {
    const authorize = (...type: number[]) => decode([...u32(1), ...keyBytes(1), ...type]);
    expect(authorize(...u32(0))).toMatchObject({
      arguments: { new_authority: keyAddress(1), authority_type: 'voter' },
    });
    expect(authorize(...u32(1))).toMatchObject({ arguments: { authority_type: 'withdrawer' } });
    expect(authorize(...u32(2), ...new Array(144).fill(0))).toMatchObject({
      arguments: { authority_type: { voter_with_bls: { bls_pubkey: 'A'.repeat(64) } } },
    });
    expect(authorize(...u32(2), ...new Array(143).fill(0))).toMatchObject({ kind: 'unknown' });
    expect(authorize(...u32(3), ...new Array(144).fill(0))).toMatchObject({ kind: 'unknown' });
  });

  it('reads the owner and seed of a derived authority in their order', () => {
    const seed = [2, 0, 0, 0, 0, 0, 0, 0, 0x68, 0x69];
    expect(decode([...u32(10), ...u32(1), ...keyBytes(1), ...seed, ...keyBytes(2)])).toMatchObject({
      arguments: { authority_type: 'withdrawer', authority_owner: keyAddress(1), new_authority: keyAddress(2) },
      texts: { authority_seed: 'hi' },
    });
  });

  it('reads amounts and commissions', () => {
    expect(decode([...u32(3), 7, 0, 0, 0, 0, 0, 0, 1], 2)).toMatchObject({ arguments: { lamports: 2n ** 56n + 7n } });
    expect(decode([...u32(18), 0x10, 0x27, ...u32(1)], 1)).toMatchObject({
      arguments: { commission_bps: 10_000n, kind: 'block_revenue' },
    });
    expect(decode([...u32(17), ...u32(2)], 2)).toMatchObject({ kind: 'unknown' });
    expect(decode([...u32(19), 9, 0, 0, 0, 0, 0, 0, 0], 2)).toMatchObject({ arguments: { deposit: 9n } });
  });

  it('is unknown with short data or too few accounts', () => {
    expect(decode([3, 0])).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('4-byte opcode') });
    expect(decode([...u32(3), 1])).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('too short') });
    expect(decode([...u32(3), ...new Array(8).fill(0)], 1)).toMatchObject({ kind: 'unknown' });
  });
});
