// Owns the stake and vote accounts of the world.
import { type Address, createAddressWithSeed, createNoopSigner, type EncodedAccount } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import type { LiteSVM } from 'litesvm';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { type StakeAccountPlan, stakeAccount } from '../../../gateway/core/effects/testing/stake-account.ts';
import { SYSTEM_PROGRAM, VOTE_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import { sendLegacy } from '../execution.ts';
import { initializeVote, VOTE_ACCOUNT_SIZE } from '../vote-account.ts';
import { accountOnChain, encodedAccount } from './encoded-account.ts';

const SOL = 1_000_000_000n;
export const STAKE_SEED = 'savings';

export interface StakePlan extends StakeAccountPlan {
  readonly address: Address;
  /** The withdrawer is derived from the wallet. */
  readonly derived: boolean;
}

export interface VotePlan {
  readonly address: Address;
  /** Validator, voter and withdrawer. */
  readonly owner: Address;
}

export interface StakeWorld {
  readonly stakes: readonly StakePlan[];
  readonly votes: readonly VotePlan[];
}

export async function planStakes(fresh: () => Address, wallet: Address, other: Address): Promise<StakeWorld> {
  const derived = await createAddressWithSeed({
    ...{ baseAddress: wallet, seed: STAKE_SEED, programAddress: SYSTEM_PROGRAM },
  });
  const votes = [wallet, other].map((owner) => ({ address: fresh(), owner }));
  const delegatedTo = votes[0]?.address ?? wallet;
  const lamports = 5n * SOL;
  const own = { staker: wallet, withdrawer: wallet, lamports };
  const plans: readonly StakeAccountPlan[] = [
    own,
    own,
    { ...own, staker: other },
    { ...own, custodian: other },
    { staker: other, withdrawer: other, lamports },
    { staker: other, withdrawer: other, lamports, custodian: wallet },
    { ...own, withdrawer: derived },
    { ...own, delegatedTo },
    { ...own, delegatedTo },
    { staker: other, withdrawer: other, lamports, delegatedTo },
  ];
  const stakes = plans.map((plan) => ({ ...plan, address: fresh(), derived: plan.withdrawer === derived }));
  return { stakes, votes };
}

export function stakeAccounts({ stakes }: StakeWorld): readonly EncodedAccount[] {
  // What is above the delegation can be moved and withdrawn.
  return stakes.map((plan) => {
    const state = stakeAccount(plan);
    return encodedAccount(plan.address, { ...state, lamports: state.lamports + SOL });
  });
}

/** The program itself writes them: no client is published that could. */
export function voteAccounts(svm: LiteSVM, { votes }: StakeWorld): readonly EncodedAccount[] {
  return votes.map(({ address, owner }) => {
    const create = getCreateAccountInstruction({
      payer: createNoopSigner(owner),
      newAccount: createNoopSigner(address),
      lamports: rentExemption(VOTE_ACCOUNT_SIZE) + SOL,
      space: VOTE_ACCOUNT_SIZE,
      programAddress: VOTE_PROGRAM,
    });
    sendLegacy(svm, owner, [create, initializeVote(address, owner)]);
    return accountOnChain(svm, address);
  });
}
