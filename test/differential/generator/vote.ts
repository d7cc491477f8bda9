// Owns random Vote instructions, as bytes: no client is published.
import { AccountRole, type Address, getAddressEncoder, type Instruction } from '@solana/kit';
import { CLOCK_SYSVAR, VOTE_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { initializeVote, VOTE_ACCOUNT_SIZE, voteInstruction } from '../vote-account.ts';
import type { World } from '../world.ts';
import { anyDestination, anyParty, newAccount, type Step } from './plan.ts';

const { READONLY, READONLY_SIGNER, WRITABLE } = AccountRole;
const SOL = 1_000_000_000;

export function drawVote(random: SeededRandom, world: World): Step {
  if (random.chance(15)) {
    const { address, create } = newAccount(random, world, VOTE_PROGRAM, VOTE_ACCOUNT_SIZE);
    return [create, initializeVote(address, anyParty(random, world))];
  }
  return [change(random, world)];
}

function change(random: SeededRandom, world: World): Instruction {
  const { address: vote, owner } = random.pick(world.stakes.votes);
  const to = anyParty(random, world);
  const [voter, withdrawer] = [
    [0, 0, 0, 0],
    [1, 0, 0, 0],
  ];
  const kind = random.pick([voter ?? [], withdrawer ?? []]);
  const authorities = [
    [vote, WRITABLE],
    [CLOCK_SYSVAR, READONLY],
    [owner, READONLY_SIGNER],
  ] as const;
  switch (random.below(5)) {
    case 0:
      return voteInstruction(1, authorities, [...keyBytes(to), ...kind]);
    case 1:
      return voteInstruction(7, [...authorities, [to, READONLY_SIGNER]], kind);
    case 2:
      return voteInstruction(4, [authorities[0], [to, READONLY_SIGNER], authorities[2]]);
    case 3:
      return voteInstruction(5, [authorities[0], authorities[2]], [random.below(101)]);
    default: {
      const amount = random.pick([1, 77, SOL, SOL + 1]);
      const destination = anyDestination(random, world);
      return voteInstruction(3, [authorities[0], [destination, WRITABLE], authorities[2]], u64(amount));
    }
  }
}

function keyBytes(address: Address): readonly number[] {
  return [...getAddressEncoder().encode(address)];
}

function u64(value: number): readonly number[] {
  return [...new Uint8Array(new BigUint64Array([BigInt(value)]).buffer)];
}
