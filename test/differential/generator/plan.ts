// Owns the shape of what generators draw, and what they all need.
import { type Address, type Blockhash, createNoopSigner, type Instruction, type TransactionSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { randomAddress } from '../corpus.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { World } from '../world.ts';

/** Instructions that belong together. */
export type Step = readonly Instruction[];

export type DrawStep = (random: SeededRandom, world: World) => Step | Promise<Step>;

export interface Plan {
  readonly instructions: readonly Instruction[];
  /** `null`: the latest blockhash. */
  readonly nonce: Blockhash | null;
  /** Whether an instruction was changed so that the core may not know it. */
  readonly tampered: boolean;
}

/** The wallet in every second case. */
export function anyParty(random: SeededRandom, { wallet, others }: World): Address {
  return random.pick([wallet, wallet, ...others]);
}

export function anySigner(random: SeededRandom, world: World): TransactionSigner {
  return createNoopSigner(anyParty(random, world));
}

/** Who gets lamports: mostly a person, sometimes an account that keeps more than lamports, sometimes nobody yet. */
export function anyDestination(random: SeededRandom, world: World): Address {
  const accounts = random.pick([world.classic, world.extended]).accounts;
  return random.pick([
    ...[world.wallet, world.wallet, ...world.others, randomAddress(random)],
    ...[random.pick(accounts).address, random.pick(world.stakes.stakes).address, random.pick(world.nonces).address],
  ]);
}

/** A new account of a program, with its rent and sometimes more. */
export function newAccount(
  random: SeededRandom,
  world: World,
  program: Address,
  space: bigint,
): { readonly address: Address; readonly create: Instruction } {
  const address = randomAddress(random);
  const create = getCreateAccountInstruction({
    payer: anySigner(random, world),
    newAccount: createNoopSigner(address),
    lamports: rentExemption(space) + random.pick([0n, 0n, 5_000n]),
    space,
    programAddress: program,
  });
  return { address, create };
}
