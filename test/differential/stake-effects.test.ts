// Owns the proof that effects of Stake instructions are what the runtime does: new accounts, lamports, delegation.
import { AccountRole, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../gateway/core/address.ts';
import { STAKE_RENT, stakeAccount } from '../../gateway/core/effects/testing/stake-account.ts';
import { CLOCK_SYSVAR, SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';

import { lamportsAt, put, run, runRefused, stakeAuthorities } from './keeping-scene.ts';
import {
  changes,
  create,
  FRESH,
  HISTORY,
  OTHER_OWN,
  OWN,
  operations,
  outflows,
  SOL,
  STRANGER,
  scene,
  stranger,
  VOTE,
  WALLET,
  WALLETS,
  Withdrawer,
  wallet,
} from './stake-scene.ts';
import { createVoteAccount } from './vote-account.ts';

describe('initializing a stake account', () => {
  it('names the authorities that it then has, in the data or among the accounts', () => {
    const opened = scene();
    const lockup = { unixTimestamp: 0n, epoch: 0n, custodian: SYSTEM_PROGRAM };
    const arg0 = { staker: WALLET, withdrawer: STRANGER };
    const initialize = stake.getInitializeInstruction({ stake: FRESH, arg0, arg1: lockup });
    const { effects } = run(opened, [create(FRESH), initialize]);
    expect(operations(effects)).toEqual([['stake_initialize', FRESH]]);
    expect(changes(effects)).toEqual([
      ['stake_staker', null, WALLET],
      ['stake_withdrawer', null, STRANGER],
    ]);
    expect(stakeAuthorities(opened, FRESH)).toEqual(arg0);
    const checked = stake.getInitializeCheckedInstruction({
      stake: keyAddress(7),
      stakeAuthority: STRANGER,
      withdrawAuthority: wallet,
    });
    const second = run(opened, [create(keyAddress(7)), checked]);
    expect(changes(second.effects)).toEqual([
      ['stake_staker', null, STRANGER],
      ['stake_withdrawer', null, WALLET],
    ]);
    expect(stakeAuthorities(opened, keyAddress(7))).toEqual({ staker: STRANGER, withdrawer: WALLET });
  });

  it('under a lockup names its custodian', () => {
    const arg1 = { unixTimestamp: 0n, epoch: 1_000n, custodian: STRANGER };
    const initialize = stake.getInitializeInstruction({ stake: FRESH, arg0: WALLETS, arg1 });
    const opened = scene();
    const { effects } = run(opened, [create(FRESH), initialize]);
    expect(changes(effects)).toContainEqual(['stake_custodian', null, STRANGER]);
    const withdraw = stake.getWithdrawInstruction({
      stake: FRESH,
      recipient: WALLET,
      withdrawAuthority: wallet,
      args: STAKE_RENT,
    });
    expect(runRefused(opened, [withdraw])).toContain('Custom');
  });
});

describe('withdrawing', () => {
  const withdraw = (recipient: Address, amount: bigint, authority = wallet, lockupAuthority?: typeof wallet) =>
    stake.getWithdrawInstruction({
      stake: OWN,
      recipient,
      withdrawAuthority: authority,
      args: amount,
      ...(lockupAuthority === undefined ? {} : { lockupAuthority }),
    });

  it('to a stranger is an outflow, to the wallet none, and asks the chain for nothing', () => {
    const opened = scene([OWN, WALLETS]);
    const { effects, rounds } = run(opened, [withdraw(STRANGER, 7n), withdraw(WALLET, 5n)]);
    expect(outflows(effects)).toEqual([[STRANGER, 7n]]);
    expect(effects.inflows).toEqual([]);
    expect(effects.protectedBalances).toContainEqual(
      expect.objectContaining({ account: OWN, relation: 'controlled', outflow: 12n }),
    );
    expect(rounds).toBe(0);
  });

  it('with sysvars among the accounts is the same', () => {
    const { accounts, ...rest } = withdraw(STRANGER, 7n);
    const [source, recipient, authority] = accounts;
    const sysvars = [CLOCK_SYSVAR, HISTORY].map((sysvar) => ({ address: sysvar, role: AccountRole.READONLY }));
    const older: Instruction = { ...rest, accounts: [source, recipient, ...sysvars, authority] };
    const { effects } = run(scene([OWN, WALLETS]), [older]);
    expect(effects.missing).toEqual([]);
    expect(effects.transfers).toMatchObject([{ sourceOwner: WALLET, recipient: STRANGER, amount: 7n }]);
    expect(outflows(effects)).toEqual([[STRANGER, 7n]]);
  });

  it('counts where the wallet signs in the place of the custodian, and another in its own', () => {
    const { effects } = run(scene([OWN, WALLETS]), [withdraw(STRANGER, 7n, stranger, wallet)]);
    expect(outflows(effects)).toEqual([[STRANGER, 7n]]);
  });

  it('counts where the wallet is but the custodian', () => {
    const locked = { staker: STRANGER, withdrawer: STRANGER, custodian: WALLET, lamports: SOL };
    expect(outflows(run(scene([OWN, locked]), [withdraw(STRANGER, 9n, stranger, wallet)]).effects)).toEqual([
      [STRANGER, 9n],
    ]);
  });

  it('counts by a key to which the wallet gave the authority in the same transaction', () => {
    const give = stake.getAuthorizeInstruction({ stake: OWN, authority: wallet, arg0: STRANGER, arg1: Withdrawer });
    const { effects } = run(scene([OWN, WALLETS]), [give, withdraw(STRANGER, 3n * SOL, stranger)]);
    expect(outflows(effects)).toEqual([[STRANGER, 3n * SOL]]);
  });
});

describe('moving between stake accounts', () => {
  const split = (amount: bigint, authority = wallet) =>
    stake.getSplitInstruction({ stake: OWN, splitStake: FRESH, stakeAuthority: authority, args: amount });

  it('a split stays with whoever may withdraw', () => {
    const opened = scene([OWN, { ...WALLETS, staker: STRANGER }]);
    const { effects } = run(opened, [create(FRESH), split(2n * SOL, stranger)]);
    expect(stakeAuthorities(opened, FRESH)).toEqual({ staker: STRANGER, withdrawer: WALLET });
    expect(effects.missing).toEqual([]);
    expect(effects.transfers).toMatchObject([{ source: OWN, sourceOwner: WALLET, recipient: WALLET }]);
    expect([effects.outflows, effects.inflows, effects.closes]).toEqual([[], [], []]);
    expect(operations(effects)).toEqual([['stake_split', OWN]]);
  });

  it('what is withdrawn from the new part in the same transaction is an outflow', () => {
    const take = stake.getWithdrawInstruction({
      stake: FRESH,
      recipient: STRANGER,
      withdrawAuthority: wallet,
      args: 2n * SOL + STAKE_RENT,
    });
    const { effects } = run(scene([OWN, WALLETS]), [create(FRESH), split(2n * SOL), take]);
    expect(outflows(effects)).toEqual([[STRANGER, 2n * SOL + STAKE_RENT]]);
    expect(effects.protectedBalances).toContainEqual(
      expect.objectContaining({ account: FRESH, inflow: 2n * SOL, outflow: 2n * SOL + STAKE_RENT }),
    );
  });

  it('a split of all closes the account', () => {
    const opened = scene([OWN, WALLETS]);
    const { effects } = run(opened, [create(FRESH), split(5n * SOL + STAKE_RENT)]);
    expect(effects.closes).toMatchObject([{ account: OWN, owner: WALLET, destination: FRESH }]);
    expect(lamportsAt(opened, OWN)).toBe(0n);
  });

  it('a merge closes the source and moves all of it, and only with the same authorities', () => {
    const merge = stake.getMergeInstruction({ destinationStake: OTHER_OWN, sourceStake: OWN, stakeAuthority: wallet });
    const opened = scene([OWN, WALLETS], [OTHER_OWN, WALLETS]);
    const { effects } = run(opened, [merge]);
    expect(effects.closes).toMatchObject([{ account: OWN, owner: WALLET, destination: OTHER_OWN }]);
    expect(effects.outflows).toEqual([]);
    expect(operations(effects)).toEqual([
      ['stake_merge', OWN],
      ['stake_merge', OTHER_OWN],
    ]);
    const strangers = { ...WALLETS, withdrawer: STRANGER };
    expect(runRefused(scene([OWN, WALLETS], [OTHER_OWN, strangers]), [merge])).toContain('Custom');
  });

  it('a merge of what was split off before is followed', () => {
    const merge = stake.getMergeInstruction({
      destinationStake: OTHER_OWN,
      sourceStake: FRESH,
      stakeAuthority: wallet,
    });
    const opened = scene([OWN, WALLETS], [OTHER_OWN, WALLETS]);
    const { effects } = run(opened, [create(FRESH), split(SOL), merge]);
    expect(effects.missing).toEqual([]);
    expect(effects.transfers).toMatchObject([{ amount: SOL }, { amount: SOL + STAKE_RENT, destination: OTHER_OWN }]);
  });

  it('stake and free lamports move between accounts of the same authorities, and nothing leaves', () => {
    const active = { ...WALLETS, delegatedTo: VOTE };
    const opened = scene([OWN, active], [OTHER_OWN, WALLETS]);
    put(opened.svm, OWN, { ...stakeAccount(active), lamports: 6n * SOL + STAKE_RENT });
    createVoteAccount(opened, VOTE, WALLET);
    const pair = { sourceStake: OWN, destinationStake: OTHER_OWN, stakeAuthority: wallet };
    const { effects } = run(opened, [
      stake.getMoveLamportsInstruction({ ...pair, args: SOL / 2n }),
      stake.getMoveStakeInstruction({ ...pair, args: 2n * SOL }),
    ]);
    expect(effects.outflows).toEqual([]);
    expect(effects.transfers).toMatchObject([
      { amount: SOL / 2n, sourceOwner: WALLET, recipient: WALLET },
      { amount: 2n * SOL, sourceOwner: WALLET, recipient: WALLET },
    ]);
    expect(new Set(effects.operations.map(({ kind }) => kind))).toEqual(
      new Set(['stake_move_lamports', 'stake_move_stake']),
    );
  });
});

describe('delegating, deactivating and locking', () => {
  it('are operations that move nothing', () => {
    const opened = scene([OWN, WALLETS]);
    createVoteAccount(opened, VOTE, STRANGER);
    const delegate = stake.getDelegateStakeInstruction({ stake: OWN, vote: VOTE, stakeAuthority: wallet });
    const deactivate = stake.getDeactivateInstruction({ stake: OWN, stakeAuthority: wallet });
    const { effects } = run(opened, [delegate, deactivate]);
    expect(operations(effects)).toEqual([
      ['stake_delegate', OWN],
      ['stake_deactivate', OWN],
    ]);
    expect([effects.transfers, effects.authorityChanges]).toEqual([[], []]);
  });
});
