// Owns the proof that effects of Stake instructions are what the runtime does: authorities and lockups.
import { AccountRole, createAddressWithSeed, createNoopSigner, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../gateway/core/address.ts';
import { stakeAccount } from '../../gateway/core/effects/testing/stake-account.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';

import { put, run, runRefused, stakeAuthorities } from './keeping-scene.ts';
import {
  changes,
  OWN,
  operations,
  SOL,
  STRANGER,
  Staker,
  scene,
  stranger,
  WALLET,
  WALLETS,
  Withdrawer,
  wallet,
} from './stake-scene.ts';

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

describe('locking', () => {
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
