// Owns random Stake instructions.
import { AccountRole, address, createNoopSigner, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import { STAKE_RENT } from '../../../gateway/core/effects/testing/stake-account.ts';
import {
  CLOCK_SYSVAR,
  RENT_SYSVAR,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { STAKE_SEED, type StakePlan } from '../world/stakes.ts';
import type { World } from '../world.ts';
import { anyDestination, anyParty, newAccount, type Step } from './plan.ts';

const SOL = 1_000_000_000n;
const STAKE_SIZE = 200n;
const { Staker, Withdrawer } = stake.StakeAuthorize;

export function drawStake(random: SeededRandom, world: World): Step {
  const kind = random.below(100);
  if (kind < 14) return newStake(random, world);
  if (kind < 36) return [authorize(random, world)];
  if (kind < 52) return [withdraw(random, world)];
  if (kind < 66) return split(random, world);
  if (kind < 84) return [between(random, world)];
  if (kind < 92) return [delegate(random, world)];
  return [lock(random, world)];
}

function newStake(random: SeededRandom, world: World): Step {
  const { address, create } = newAccount(random, world, STAKE_PROGRAM, STAKE_SIZE);
  const [staker, withdrawer, custodian] = [anyParty(random, world), anyParty(random, world), anyParty(random, world)];
  if (random.chance(40)) {
    const withdrawAuthority = createNoopSigner(withdrawer);
    return [
      create,
      stake.getInitializeCheckedInstruction({ stake: address, stakeAuthority: staker, withdrawAuthority }),
    ];
  }
  const arg1 = random.chance(60)
    ? { unixTimestamp: 0n, epoch: 0n, custodian: SYSTEM_PROGRAM }
    : { unixTimestamp: 0n, epoch: 9n, custodian };
  const arg0 = { staker, withdrawer };
  return [create, withRent(stake.getInitializeInstruction({ stake: address, arg0, arg1 }))];
}

/** Older clients name the sysvar behind the account. */
function withRent(instruction: Instruction): Instruction {
  const [first, ...rest] = instruction.accounts ?? [];
  const own = rest.filter(({ address }) => address !== RENT_SYSVAR);
  const sysvar = { address: RENT_SYSVAR, role: AccountRole.READONLY };
  return { ...instruction, accounts: [...(first === undefined ? [] : [first]), sysvar, ...own] };
}

function lockupAuthority({ custodian }: StakePlan) {
  return custodian === undefined ? {} : { lockupAuthority: createNoopSigner(custodian) };
}

function authorize(random: SeededRandom, world: World): Instruction {
  const plan = random.pick(world.stakes.stakes);
  const what = random.pick([Staker, Withdrawer]);
  const to = anyParty(random, world);
  const newAuthority = createNoopSigner(to);
  const common = { stake: plan.address, ...lockupAuthority(plan) };
  if (plan.derived && random.chance(80)) {
    const seeded = {
      ...{ ...common, base: createNoopSigner(world.wallet), stakeAuthorize: what },
      ...{ authoritySeed: STAKE_SEED, authorityOwner: SYSTEM_PROGRAM },
    };
    return random.chance(50)
      ? stake.getAuthorizeWithSeedInstruction({ ...seeded, newAuthorizedPubkey: to })
      : stake.getAuthorizeCheckedWithSeedInstruction({ ...seeded, newAuthority });
  }
  const authority = createNoopSigner(what === Staker && random.chance(50) ? plan.staker : plan.withdrawer);
  return random.chance(50)
    ? stake.getAuthorizeInstruction({ ...common, authority, arg0: to, arg1: what })
    : stake.getAuthorizeCheckedInstruction({ ...common, authority, newAuthority, stakeAuthorize: what });
}

function withdraw(random: SeededRandom, world: World): Instruction {
  const plan = random.pick(world.stakes.stakes);
  const args = random.pick([1n, SOL, SOL, plan.delegatedTo === undefined ? STAKE_RENT + 6n * SOL : SOL]);
  const withdrawAuthority = createNoopSigner(plan.withdrawer);
  const recipient = anyDestination(random, world);
  const instruction = stake.getWithdrawInstruction({
    ...{ stake: plan.address, recipient, withdrawAuthority, args, ...lockupAuthority(plan) },
  });
  return random.chance(30) ? withSysvars(instruction) : instruction;
}

const HISTORY = address('SysvarStakeHistory1111111111111111111111111');

/** As older clients write it. */
function withSysvars(instruction: Instruction): Instruction {
  const accounts = instruction.accounts ?? [];
  const sysvars = [CLOCK_SYSVAR, HISTORY].map((sysvar) => ({ address: sysvar, role: AccountRole.READONLY }));
  return { ...instruction, accounts: [...accounts.slice(0, 2), ...sysvars, ...accounts.slice(2)] };
}

function split(random: SeededRandom, world: World): Step {
  const plan = random.pick(world.stakes.stakes);
  const { address: splitStake, create } = newAccount(random, world, STAKE_PROGRAM, STAKE_SIZE);
  const all = STAKE_RENT + 6n * SOL;
  const args = random.pick([2n * SOL, 2n * SOL, all]);
  const stakeAuthority = createNoopSigner(plan.staker);
  const take = stake.getSplitInstruction({ stake: plan.address, splitStake, stakeAuthority, args });
  if (plan.delegatedTo !== undefined || plan.custodian !== undefined || random.chance(50)) return [create, take];
  const withdrawAuthority = createNoopSigner(plan.withdrawer);
  const recipient = anyDestination(random, world);
  return [create, take, stake.getWithdrawInstruction({ stake: splitStake, recipient, withdrawAuthority, args: SOL })];
}

/** Merging and moving take two accounts of the same authorities. */
function between(random: SeededRandom, world: World): Instruction {
  const { stakes } = world.stakes;
  const source = random.pick(stakes);
  const alike = stakes.filter((it) => {
    const sameLockup = (it.custodian ?? null) === (source.custodian ?? null);
    return it !== source && it.staker === source.staker && it.withdrawer === source.withdrawer && sameLockup;
  });
  const destination = alike.length === 0 ? random.pick(stakes) : random.pick(alike);
  const stakeAuthority = createNoopSigner(source.staker);
  const pair = { sourceStake: source.address, destinationStake: destination.address, stakeAuthority };
  return random.pick([
    () => stake.getMergeInstruction(pair),
    () => stake.getMoveLamportsInstruction({ ...pair, args: random.pick([7n, SOL / 2n]) }),
    () => stake.getMoveStakeInstruction({ ...pair, args: random.pick([2n * SOL, 5n * SOL]) }),
  ])();
}

function delegate(random: SeededRandom, world: World): Instruction {
  const { address, staker } = random.pick(world.stakes.stakes);
  const stakeAuthority = createNoopSigner(staker);
  const vote = random.pick(world.stakes.votes).address;
  return random.pick([
    () => stake.getDelegateStakeInstruction({ stake: address, vote, stakeAuthority }),
    () => stake.getDeactivateInstruction({ stake: address, stakeAuthority }),
    () => stake.getGetMinimumDelegationInstruction(),
  ])();
}

/** In force only the custodian may change it, else the withdrawer. */
function lock(random: SeededRandom, world: World): Instruction {
  const { address, withdrawer, custodian } = random.pick(world.stakes.stakes);
  const authority = createNoopSigner(custodian ?? withdrawer);
  const until = { unixTimestamp: random.pick([null, 5n]), epoch: random.pick([null, 0n, 1_000n]) };
  const named = random.pick([null, anyParty(random, world)]);
  if (random.chance(50))
    return stake.getSetLockupInstruction({ stake: address, authority, ...until, custodian: named });
  const newAuthority = named === null ? {} : { newAuthority: createNoopSigner(named) };
  return stake.getSetLockupCheckedInstruction({ stake: address, authority, ...newAuthority, ...until });
}
