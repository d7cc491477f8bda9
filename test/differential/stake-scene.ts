// Owns the accounts and the wallet of the proofs on Stake.
import { address, createNoopSigner, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import type { Address } from '../../gateway/core/address.ts';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { STAKE_RENT, type StakeAccountPlan, stakeAccount } from '../../gateway/core/effects/testing/stake-account.ts';
import { STAKE_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';

import { openScene, put, type Scene } from './keeping-scene.ts';

export const WALLET = keyAddress(1);
export const STRANGER = keyAddress(2);
export const OWN = keyAddress(3);
export const OTHER_OWN = keyAddress(4);
export const VOTE = keyAddress(5);
export const FRESH = keyAddress(6);
export const HISTORY = address('SysvarStakeHistory1111111111111111111111111');
export const wallet = createNoopSigner(WALLET);
export const stranger = createNoopSigner(STRANGER);
export const SOL = 1_000_000_000n;
export const WALLETS = { staker: WALLET, withdrawer: WALLET, lamports: 5n * SOL };
export const { Staker, Withdrawer } = stake.StakeAuthorize;

export function scene(...plans: readonly (readonly [Address, StakeAccountPlan])[]): Scene {
  const opened = openScene(WALLET, [STRANGER]);
  for (const [address, plan] of plans) put(opened.svm, address, stakeAccount(plan));
  return opened;
}

export function create(address: Address): Instruction {
  return system.getCreateAccountInstruction({
    payer: wallet,
    newAccount: createNoopSigner(address),
    lamports: STAKE_RENT,
    space: 200n,
    programAddress: STAKE_PROGRAM,
  });
}

export const operations = (effects: Effects) => effects.operations.map(({ kind, account }) => [kind, account]);
export const changes = (effects: Effects) => effects.authorityChanges.map(({ kind, from, to }) => [kind, from, to]);
export const outflows = (effects: Effects) =>
  effects.outflowsByRecipient.map(({ recipient, amount }) => [recipient, amount]);
