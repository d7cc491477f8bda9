import { createNoopSigner, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import { describe, expect, it } from 'vitest';
import { STAKE_PROGRAM, SYSTEM_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { type Chain, judge } from '../testing/judge.ts';
import { STAKE_RENT, stakeAccount } from '../testing/stake-account.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const OWN = keyAddress(3);
const FRESH = keyAddress(4);
const wallet = createNoopSigner(WALLET);
const stranger = createNoopSigner(STRANGER);
const WALLETS = stakeAccount({ staker: WALLET, withdrawer: WALLET, lamports: 1_000n });
const CHAIN: Chain = [[OWN, WALLETS]];

const split = stake.getSplitInstruction({ stake: OWN, splitStake: FRESH, stakeAuthority: wallet, args: 400n });
const merge = stake.getMergeInstruction({ destinationStake: FRESH, sourceStake: OWN, stakeAuthority: wallet });
const move = { sourceStake: OWN, destinationStake: FRESH, stakeAuthority: wallet, args: 300n };

describe('stake accounts whose withdrawer is not known', () => {
  const notStakes: readonly (readonly [string, Chain])[] = [
    ['does not exist', []],
    ['is not a stake account', [[OWN, { ...WALLETS, owner: SYSTEM_PROGRAM }]]],
    ['is not initialized', [[OWN, { ...WALLETS, data: new Uint8Array(200) }]]],
    ['is cut short', [[OWN, { ...WALLETS, data: WALLETS.data.subarray(0, 100) }]]],
  ];

  it.each(notStakes)('are missing where the source %s, and what moves counts as an outflow', (_what, chain) => {
    for (const instruction of [split, stake.getMoveLamportsInstruction(move)]) {
      const { effects } = judge(WALLET, [instruction], chain);
      expect(effects.missing).toMatchObject([{ fact: 'stake_account', instruction: 0 }]);
      expect(effects.outflows).toMatchObject([{ asset: 'SOL', amount: instruction === split ? 400n : 300n }]);
      expect(effects.transfers).toMatchObject([{ sourceOwner: null, recipient: null }]);
    }
  });

  it('are asked for, once, by moves between them', () => {
    for (const instruction of [split, merge, stake.getMoveStakeInstruction(move)]) {
      const { effects, rounds } = judge(WALLET, [instruction], CHAIN);
      expect(rounds).toEqual([[OWN]]);
      expect(effects.missing).toEqual([]);
    }
  });

  it('are not asked for by what only operates on them', () => {
    const instructions = [
      stake.getDelegateStakeInstruction({ stake: OWN, vote: FRESH, stakeAuthority: wallet }),
      stake.getDeactivateInstruction({ stake: OWN, stakeAuthority: wallet }),
      stake.getDeactivateDelinquentInstruction({ stake: OWN, delinquentVote: FRESH, referenceVote: STRANGER }),
      stake.getGetMinimumDelegationInstruction(),
    ];
    const { effects, rounds } = judge(WALLET, instructions);
    expect(rounds).toEqual([]);
    expect(effects.operations.map(({ kind, basis }) => [kind, basis])).toEqual([
      ['stake_delegate', 'message'],
      ['stake_deactivate', 'message'],
      ['stake_deactivate_delinquent', 'message'],
    ]);
  });
});

describe('stake accounts of others', () => {
  const theirs: Chain = [[OWN, stakeAccount({ staker: WALLET, withdrawer: STRANGER, lamports: 1_000n })]];

  it('stay theirs where the wallet is but the staker', () => {
    const { effects } = judge(WALLET, [split], theirs);
    expect(effects.transfers).toMatchObject([{ sourceOwner: STRANGER, recipient: STRANGER, amount: 400n }]);
    expect(effects.outflows).toEqual([]);
    expect(effects.protectedBalances).toMatchObject([
      { account: OWN, relation: 'controlled', outflow: 400n },
      { account: FRESH, relation: 'controlled', inflow: 400n },
    ]);
  });

  it('are watched where they are the wallet’s, though a stranger is the staker', () => {
    const chain: Chain = [[OWN, stakeAccount({ staker: STRANGER, withdrawer: WALLET, lamports: 1_000n })]];
    const theirs = stake.getSplitInstruction({ stake: OWN, splitStake: FRESH, stakeAuthority: stranger, args: 400n });
    const { effects } = judge(WALLET, [theirs], chain);
    expect(effects.protectedBalances).toMatchObject([
      { account: OWN, outflow: 400n },
      { account: FRESH, inflow: 400n },
    ]);
    expect(effects.outflows).toEqual([]);
  });

  it('count as inflow where they withdraw to the wallet without its signature', () => {
    const withdraw = stake.getWithdrawInstruction({
      stake: OWN,
      recipient: WALLET,
      withdrawAuthority: stranger,
      args: 50n,
    });
    const { effects } = judge(WALLET, [withdraw], theirs);
    expect(effects.inflows).toEqual([{ asset: 'SOL', amount: 50n, decimals: 9 }]);
    expect(effects.outflows).toEqual([]);
  });
});

describe('a new stake account', () => {
  const create = (withdrawer: typeof WALLET): readonly Instruction[] => [
    system.getCreateAccountInstruction({
      payer: wallet,
      newAccount: createNoopSigner(OWN),
      lamports: STAKE_RENT + 900n,
      space: 200n,
      programAddress: STAKE_PROGRAM,
    }),
    stake.getInitializeInstruction({
      stake: OWN,
      arg0: { staker: WALLET, withdrawer },
      arg1: { unixTimestamp: 0n, epoch: 0n, custodian: SYSTEM_PROGRAM },
    }),
  ];

  it('takes what is above its rent from the wallet, whoever may withdraw it', () => {
    for (const withdrawer of [WALLET, STRANGER]) {
      const { effects } = judge(WALLET, create(withdrawer));
      expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: OWN, amount: 900n }]);
      expect(effects.rentLamports).toBe(STAKE_RENT);
      expect(effects.authorityChanges).toContainEqual(
        expect.objectContaining({ kind: 'stake_withdrawer', account: OWN, to: withdrawer }),
      );
    }
  });

  it('is known to be its withdrawer’s for the instructions after it', () => {
    const { effects, rounds } = judge(WALLET, [...create(STRANGER), stake.getMoveLamportsInstruction(move)]);
    expect(effects.transfers).toMatchObject([{ amount: 900n }, { sourceOwner: STRANGER, recipient: STRANGER }]);
    expect(rounds).toEqual([]);
  });
});

describe('authorities over a stake account', () => {
  const give = (arg0: typeof WALLET, arg1: stake.StakeAuthorize) =>
    stake.getAuthorizeInstruction({ stake: OWN, authority: wallet, arg0, arg1 });
  const initialize = (lockup: { epoch: bigint; custodian: typeof WALLET }) =>
    stake.getInitializeInstruction({
      stake: OWN,
      arg0: { staker: WALLET, withdrawer: WALLET },
      arg1: { unixTimestamp: 0n, ...lockup },
    });

  it('are named as the chain has them, each its own', () => {
    const chain: Chain = [[OWN, stakeAccount({ staker: keyAddress(7), withdrawer: keyAddress(8) })]];
    const { Staker, Withdrawer } = stake.StakeAuthorize;
    const { effects } = judge(WALLET, [give(STRANGER, Staker), give(STRANGER, Withdrawer)], chain);
    expect(effects.authorityChanges).toMatchObject([
      { kind: 'stake_staker', from: keyAddress(7), to: STRANGER, basis: 'state' },
      { kind: 'stake_withdrawer', from: keyAddress(8), to: STRANGER, basis: 'state' },
    ]);
  });

  it('are followed: what is split off after they were given away belongs to who has them then', () => {
    const { effects } = judge(WALLET, [give(STRANGER, stake.StakeAuthorize.Withdrawer), split], CHAIN);
    expect(effects.transfers).toMatchObject([{ sourceOwner: STRANGER, recipient: STRANGER }]);
  });

  it.each([
    ['a custodian without a time', { epoch: 0n, custodian: STRANGER }, STRANGER],
    ['a time without a custodian, which nobody can lift', { epoch: 9n, custodian: SYSTEM_PROGRAM }, SYSTEM_PROGRAM],
  ])('of a new account include %s', (_what, lockup, custodian) => {
    const { effects } = judge(WALLET, [initialize(lockup)]);
    expect(effects.authorityChanges).toContainEqual(
      expect.objectContaining({ kind: 'stake_custodian', from: null, to: custodian }),
    );
    const without = judge(WALLET, [initialize({ epoch: 0n, custodian: SYSTEM_PROGRAM })]).effects;
    expect(without.authorityChanges.map(({ kind }) => kind)).toEqual(['stake_staker', 'stake_withdrawer']);
  });
});

describe('a merge', () => {
  it('moves what the transaction put into the source before, and leaves nothing to move again', () => {
    const fund = system.getTransferSolInstruction({ source: wallet, destination: OWN, amount: 77n });
    const { effects } = judge(WALLET, [fund, merge, split], CHAIN);
    expect(effects.transfers).toMatchObject([{ amount: 77n }, { amount: STAKE_RENT + 1_077n }, { amount: 400n }]);
    expect(effects.missing).toMatchObject([{ fact: 'stake_account', instruction: 2 }]);
  });
});
