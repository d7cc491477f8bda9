import { AccountRole, createNoopSigner } from '@solana/kit';
import * as client from '@solana-program/stake';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { decodeWritten } from '../testing/decode-written.ts';
import { keyAddress, keyBytes } from '../testing/wire-builder.ts';
import { CLOCK_SYSVAR, RENT_SYSVAR, STAKE_PROGRAM } from './program-ids.ts';
import { STAKE } from './stake.ts';

const STAKE_ACCOUNT = keyAddress(1);
const OTHER = keyAddress(2);
const VOTE = keyAddress(3);
const NEW = keyAddress(4);
const CUSTODIAN = keyAddress(5);
const AUTHORITY = keyAddress(9);
const authority = createNoopSigner(AUTHORITY);
const lockupAuthority = createNoopSigner(CUSTODIAN);
const newAuthority = createNoopSigner(NEW);
const { Staker, Withdrawer } = client.StakeAuthorize;

function raw(data: readonly number[], accounts: readonly Address[]) {
  return decodeWritten({
    programAddress: STAKE_PROGRAM,
    accounts: accounts.map((address) => ({ address, role: AccountRole.READONLY })),
    data: Uint8Array.from(data),
  });
}

function rolesOf(decoded: ReturnType<typeof decodeWritten>): Readonly<Record<string, Address>> {
  if (decoded.kind !== 'known') throw new Error(decoded.kind === 'unknown' ? decoded.reason : decoded.kind);
  return Object.fromEntries(decoded.accounts.map(({ role, address }) => [role, address]));
}

const opcode = (value: number) => [value, 0, 0, 0];
const U64_MAX = new Array<number>(8).fill(255);

describe('Stake', () => {
  it('knows every instruction of the published client under its opcode, and no other', () => {
    const published = Object.entries(client)
      .filter(([name]) => name.endsWith('_DISCRIMINATOR'))
      .map(([name, value]) => [name.replace('_DISCRIMINATOR', '').toLowerCase(), value]);
    const known = Object.entries(STAKE.instructions).map(([name, layout]) => [name, layout.opcode]);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(published));
    expect(raw([...opcode(18), ...new Array(200).fill(0)], [STAKE_ACCOUNT, OTHER, VOTE])).toMatchObject({
      kind: 'unknown',
      programName: 'stake',
    });
  });

  it('does not know redelegate, which the program refuses', () => {
    expect(raw(opcode(15), [STAKE_ACCOUNT, OTHER, VOTE, NEW, AUTHORITY])).toMatchObject({ kind: 'unknown' });
  });

  it('reads what the published client writes, with its accounts by role', () => {
    const lockup = { unixTimestamp: -5n, epoch: 7n, custodian: CUSTODIAN };
    const initialize = decodeWritten(
      client.getInitializeInstruction({ stake: STAKE_ACCOUNT, arg0: { staker: OTHER, withdrawer: NEW }, arg1: lockup }),
    );
    expect(initialize).toMatchObject({
      name: 'initialize',
      arguments: { staker: OTHER, withdrawer: NEW, unix_timestamp: -5n, epoch: 7n, custodian: CUSTODIAN },
    });
    const authorize = decodeWritten(
      client.getAuthorizeInstruction({ stake: STAKE_ACCOUNT, authority, lockupAuthority, arg0: NEW, arg1: Withdrawer }),
    );
    expect(authorize).toMatchObject({ arguments: { new_authority: NEW, authority_type: 'withdrawer' } });
    expect(rolesOf(authorize)).toEqual({ stake: STAKE_ACCOUNT, authority: AUTHORITY, lockup_authority: CUSTODIAN });
    const withdraw = decodeWritten(
      client.getWithdrawInstruction({ stake: STAKE_ACCOUNT, recipient: OTHER, withdrawAuthority: authority, args: 3n }),
    );
    expect(withdraw).toMatchObject({ name: 'withdraw', arguments: { lamports: 3n } });
    expect(rolesOf(withdraw)).toEqual({ stake: STAKE_ACCOUNT, recipient: OTHER, withdraw_authority: AUTHORITY });
    const delegate = client.getDelegateStakeInstruction({
      stake: STAKE_ACCOUNT,
      vote: VOTE,
      stakeAuthority: authority,
    });
    expect(rolesOf(decodeWritten(delegate))).toEqual({ stake: STAKE_ACCOUNT, vote: VOTE, stake_authority: AUTHORITY });
    const move = { sourceStake: STAKE_ACCOUNT, destinationStake: OTHER, stakeAuthority: authority, args: 8n };
    for (const written of [client.getMoveStakeInstruction(move), client.getMoveLamportsInstruction(move)]) {
      expect(decodeWritten(written)).toMatchObject({ arguments: { lamports: 8n } });
      expect(Object.keys(rolesOf(decodeWritten(written)))).toEqual([
        'source_stake',
        'destination_stake',
        'stake_authority',
      ]);
    }
  });

  it('reads which of the vote accounts is delinquent', () => {
    const votes = { delinquentVote: VOTE, referenceVote: OTHER };
    const decoded = decodeWritten(client.getDeactivateDelinquentInstruction({ stake: STAKE_ACCOUNT, ...votes }));
    expect(rolesOf(decoded)).toEqual({ stake: STAKE_ACCOUNT, delinquent_vote: VOTE, reference_vote: OTHER });
  });

  it('reads seeds as free text, and the keys beside them as arguments', () => {
    const params = { authoritySeed: 'savings', authorityOwner: OTHER };
    const bySeed = client.getAuthorizeWithSeedInstruction({
      stake: STAKE_ACCOUNT,
      base: authority,
      newAuthorizedPubkey: NEW,
      stakeAuthorize: Staker,
      ...params,
    });
    expect(decodeWritten(bySeed)).toMatchObject({
      name: 'authorize_with_seed',
      arguments: { new_authority: NEW, authority_type: 'staker', authority_owner: OTHER },
      texts: { authority_seed: 'savings' },
    });
    const checked = client.getAuthorizeCheckedWithSeedInstruction({
      stake: STAKE_ACCOUNT,
      base: authority,
      newAuthority,
      lockupAuthority,
      stakeAuthorize: Withdrawer,
      ...params,
    });
    expect(decodeWritten(checked)).toMatchObject({
      arguments: { authority_type: 'withdrawer', authority_owner: OTHER },
    });
    expect(rolesOf(decodeWritten(checked))).toEqual({
      stake: STAKE_ACCOUNT,
      base: AUTHORITY,
      new_authority: NEW,
      lockup_authority: CUSTODIAN,
    });
  });

  it('reads a lockup whose parts may each be absent', () => {
    const setLockup = client.getSetLockupInstruction({
      stake: STAKE_ACCOUNT,
      authority,
      unixTimestamp: null,
      epoch: 2n ** 64n - 1n,
      custodian: CUSTODIAN,
    });
    expect(decodeWritten(setLockup)).toMatchObject({
      arguments: { unix_timestamp: null, epoch: 2n ** 64n - 1n, custodian: CUSTODIAN },
    });
    const checked = client.getSetLockupCheckedInstruction({
      stake: STAKE_ACCOUNT,
      authority,
      newAuthority,
      unixTimestamp: 1n,
      epoch: null,
    });
    expect(decodeWritten(checked)).toMatchObject({ arguments: { unix_timestamp: 1n, epoch: null } });
    expect(rolesOf(decodeWritten(checked)).new_authority).toBe(NEW);
  });

  it.each([
    ['authorize', 1, 1, [...keyBytes(4), 0, 0, 0, 0], ['stake', 'clock_sysvar', 'authority', 'lockup_authority']],
    [
      'delegate_stake',
      2,
      2,
      [],
      ['stake', 'vote', 'clock_sysvar', 'stake_history', 'unused', 'stake_authority', 'extra_0'],
    ],
    [
      'withdraw',
      4,
      2,
      U64_MAX,
      ['stake', 'recipient', 'clock_sysvar', 'stake_history', 'withdraw_authority', 'lockup_authority'],
    ],
    ['deactivate', 5, 1, [], ['stake', 'clock_sysvar', 'stake_authority']],
    ['merge', 7, 2, [], ['destination_stake', 'source_stake', 'clock_sysvar', 'stake_history', 'stake_authority']],
    ['authorize_checked', 10, 1, [0, 0, 0, 0], ['stake', 'clock_sysvar', 'authority', 'new_authority']],
  ])('tells the older accounts of %s by the sysvar among them', (name, code, sysvarAt, data, roles) => {
    const accounts = roles.map((_, i) => keyAddress(10 + i));
    const older = raw([...opcode(code), ...data], accounts.with(sysvarAt, CLOCK_SYSVAR));
    expect(older).toMatchObject({ kind: 'known', name });
    expect(Object.keys(rolesOf(older))).toEqual(roles);
    expect(Object.keys(rolesOf(raw([...opcode(code), ...data], accounts)))).not.toContain('clock_sysvar');
  });

  it('tells the older accounts of the seeded and the checked instructions too', () => {
    const seeded = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...keyBytes(4)];
    const withSeed = raw([...opcode(8), ...keyBytes(4), ...seeded], [STAKE_ACCOUNT, OTHER, CLOCK_SYSVAR, CUSTODIAN]);
    expect(rolesOf(withSeed)).toMatchObject({ base: OTHER, clock_sysvar: CLOCK_SYSVAR, lockup_authority: CUSTODIAN });
    const checked = raw([...opcode(11), ...seeded], [STAKE_ACCOUNT, OTHER, CLOCK_SYSVAR, NEW]);
    expect(rolesOf(checked)).toMatchObject({ base: OTHER, new_authority: NEW });
    const initialize = raw(opcode(9), [STAKE_ACCOUNT, RENT_SYSVAR, OTHER, NEW]);
    expect(rolesOf(initialize)).toMatchObject({ stake_authority: OTHER, withdraw_authority: NEW });
  });

  it('is unknown with short data, an unknown authority, a broken option or seed, or too few accounts', () => {
    const reason = (data: readonly number[], accounts = [STAKE_ACCOUNT, OTHER, VOTE]) => {
      const decoded = raw(data, accounts);
      return decoded.kind === 'unknown' ? decoded.reason : decoded.kind;
    };
    expect(reason([1, 0, 0])).toContain('4-byte opcode');
    expect(reason([...opcode(3), 1, 2])).toContain('too short');
    expect(reason([...opcode(1), ...keyBytes(4), 2, 0, 0, 0])).toContain('staker, withdrawer');
    expect(reason([...opcode(6), 2])).toContain('0 or 1');
    expect(reason([...opcode(11), 0, 0, 0, 0, ...U64_MAX, ...keyBytes(4)])).toContain('longer than');
    expect(reason(opcode(2), [STAKE_ACCOUNT, VOTE])).toContain('3 accounts');
    expect(reason(opcode(2), [STAKE_ACCOUNT, VOTE, CLOCK_SYSVAR])).toContain('5 accounts');
  });
});
