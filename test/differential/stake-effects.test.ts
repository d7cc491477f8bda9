// Owns the proof that effects of Stake instructions are what the runtime does.
import { AccountRole, address, createAddressWithSeed, createNoopSigner, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../gateway/core/address.ts';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { STAKE_RENT, type StakeAccountPlan, stakeAccount } from '../../gateway/core/effects/testing/stake-account.ts';
import { CLOCK_SYSVAR, STAKE_PROGRAM, SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';

import { lamportsAt, openScene, put, run, runRefused, type Scene, stakeAuthorities } from './keeping-scene.ts';
import { createVoteAccount } from './vote-account.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const OWN = keyAddress(3);
const OTHER_OWN = keyAddress(4);
const VOTE = keyAddress(5);
const FRESH = keyAddress(6);
const HISTORY = address('SysvarStakeHistory1111111111111111111111111');
const wallet = createNoopSigner(WALLET);
const stranger = createNoopSigner(STRANGER);
const SOL = 1_000_000_000n;
const WALLETS = { staker: WALLET, withdrawer: WALLET, lamports: 5n * SOL };
const { Staker, Withdrawer } = stake.StakeAuthorize;

function scene(...plans: readonly (readonly [Address, StakeAccountPlan])[]): Scene {
  const opened = openScene(WALLET, [STRANGER]);
  for (const [address, plan] of plans) put(opened.svm, address, stakeAccount(plan));
  return opened;
}

function create(address: Address): Instruction {
  return system.getCreateAccountInstruction({
    payer: wallet,
    newAccount: createNoopSigner(address),
    lamports: STAKE_RENT,
    space: 200n,
    programAddress: STAKE_PROGRAM,
  });
}

const operations = (effects: Effects) => effects.operations.map(({ kind, account }) => [kind, account]);
const changes = (effects: Effects) => effects.authorityChanges.map(({ kind, from, to }) => [kind, from, to]);
const outflows = (effects: Effects) => effects.outflowsByRecipient.map(({ recipient, amount }) => [recipient, amount]);

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

describe('authorizing', () => {
  const by = createNoopSigner(STRANGER);

  it('names the new authority that the account then has', () => {
    const opened = scene([OWN, WALLETS]);
    const authorize = stake.getAuthorizeInstruction({ stake: OWN, authority: wallet, arg0: STRANGER, arg1: Staker });
    const { effects } = run(opened, [authorize]);
    expect(operations(effects)).toEqual([['stake_authorize', OWN]]);
    expect(changes(effects)).toEqual([['stake_staker', WALLET, STRANGER]]);
    expect(stakeAuthorities(opened, OWN)).toEqual({ staker: STRANGER, withdrawer: WALLET });
    const checked = stake.getAuthorizeCheckedInstruction({
      stake: OWN,
      authority: wallet,
      newAuthority: by,
      stakeAuthorize: Withdrawer,
    });
    expect(changes(run(opened, [checked]).effects)).toEqual([['stake_withdrawer', WALLET, STRANGER]]);
    expect(stakeAuthorities(opened, OWN)).toEqual({ staker: STRANGER, withdrawer: STRANGER });
  });

  it('counts by a signature behind all roles, which the program takes too', () => {
    const opened = scene([OWN, WALLETS]);
    const authorize = stake.getAuthorizeInstruction({ stake: OWN, authority: by, arg0: STRANGER, arg1: Withdrawer });
    const extra = { address: WALLET, role: AccountRole.READONLY_SIGNER };
    const hidden: Instruction = { ...authorize, accounts: [...authorize.accounts, extra] };
    expect(changes(run(opened, [hidden]).effects)).toEqual([['stake_withdrawer', WALLET, STRANGER]]);
    expect(stakeAuthorities(opened, OWN).withdrawer).toBe(STRANGER);
  });

  it('by a base key names the key derived from it', async () => {
    const derived = await deriveFromWallet('savings');
    for (const checked of [false, true]) {
      const opened = scene([OWN, { ...WALLETS, withdrawer: derived }]);
      const params = {
        stake: OWN,
        base: wallet,
        stakeAuthorize: Withdrawer,
        authoritySeed: 'savings',
        authorityOwner: SYSTEM_PROGRAM,
      };
      const authorize = checked
        ? stake.getAuthorizeCheckedWithSeedInstruction({ ...params, newAuthority: by })
        : stake.getAuthorizeWithSeedInstruction({ ...params, newAuthorizedPubkey: STRANGER });
      expect(changes(run(opened, [authorize]).effects)).toEqual([['stake_withdrawer', derived, STRANGER]]);
      expect(stakeAuthorities(opened, OWN).withdrawer).toBe(STRANGER);
    }
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

  it('a lockup in the hands of a stranger locks the wallet out, and is named', () => {
    const opened = scene([OWN, WALLETS]);
    const lock = stake.getSetLockupInstruction({
      stake: OWN,
      authority: wallet,
      unixTimestamp: null,
      epoch: 1_000n,
      custodian: STRANGER,
    });
    const { effects } = run(opened, [lock]);
    expect(operations(effects)).toEqual([['stake_set_lockup', OWN]]);
    expect(changes(effects)).toEqual([['stake_custodian', null, STRANGER]]);
    const withdraw = { stake: OWN, recipient: WALLET, withdrawAuthority: wallet, args: SOL };
    expect(runRefused(opened, [stake.getWithdrawInstruction(withdraw)])).toContain('Custom');
    const unlock = stake.getSetLockupCheckedInstruction({
      stake: OWN,
      authority: stranger,
      newAuthority: wallet,
      unixTimestamp: null,
      epoch: 0n,
    });
    expect(changes(run(opened, [unlock]).effects)).toEqual([['stake_custodian', STRANGER, WALLET]]);
  });

  it('a lockup by time alone is in the hands of the custodian that was named before', () => {
    const dormant = stakeAccount({ ...WALLETS, custodian: STRANGER });
    dormant.data.fill(0, 84, 92);
    const opened = scene();
    put(opened.svm, OWN, dormant);
    const lock = stake.getSetLockupInstruction({
      stake: OWN,
      authority: wallet,
      unixTimestamp: null,
      epoch: 1_000n,
      custodian: null,
    });
    expect(changes(run(opened, [lock]).effects)).toEqual([['stake_custodian', STRANGER, STRANGER]]);
    const withdraw = { stake: OWN, recipient: WALLET, withdrawAuthority: wallet, args: SOL };
    expect(runRefused(opened, [stake.getWithdrawInstruction(withdraw)])).toContain('Custom');
  });
});

function deriveFromWallet(seed: string): Promise<Address> {
  return createAddressWithSeed({ baseAddress: WALLET, seed, programAddress: SYSTEM_PROGRAM });
}
