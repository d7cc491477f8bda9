// Owns random System instructions, nonces included.
import { type Address, createAddressWithSeed, createNoopSigner } from '@solana/kit';
import * as system from '@solana-program/system';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import {
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import { randomAddress } from '../corpus.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { World } from '../world.ts';
import { anyDestination, anyParty, anySigner, type Step } from './plan.ts';

const NONCE_RENT = rentExemption(80n);

export function drawSystem(random: SeededRandom, world: World): Step | Promise<Step> {
  const payer = anySigner(random, world);
  const fresh = createNoopSigner(randomAddress(random));
  const space = BigInt(random.pick([0, 80, 82, 165]));
  const lamports = rentExemption(space) + BigInt(random.pick([0, 0, 1, 12_345]));
  const programAddress = random.pick([SYSTEM_PROGRAM, TOKEN_PROGRAM, STAKE_PROGRAM]);
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2: {
      const amount = BigInt(random.pick([1, 5_000_000, 2_039_280, 1_000_000_000]));
      return [system.getTransferSolInstruction({ source: payer, destination: anyDestination(random, world), amount })];
    }
    case 3:
      return [system.getCreateAccountInstruction({ payer, newAccount: fresh, lamports, space, programAddress })];
    case 4: {
      const newAccount = random.chance(15) ? createNoopSigner(world.wallet) : fresh;
      const funding = random.chance(80) ? { payer, lamports } : { lamports: 0n };
      const fund = system.getTransferSolInstruction({ source: payer, destination: fresh.address, amount: lamports });
      const create = system.getCreateAccountAllowPrefundInstruction({ newAccount, ...funding, space, programAddress });
      return random.chance(40) ? [fund, create] : [create];
    }
    case 5:
      return withSeed(random, world, space);
    case 6:
      return [
        system.getTransferSolWithSeedInstruction({
          source: world.derived.address,
          baseAccount: createNoopSigner(world.wallet),
          destination: anyDestination(random, world),
          amount: 5_000_000n,
          fromSeed: world.derived.seed,
          fromOwner: SYSTEM_PROGRAM,
        }),
      ];
    case 7:
      return [system.getAssignInstruction({ account: random.pick([payer, fresh]), programAddress })];
    case 8:
      return [system.getAllocateInstruction({ newAccount: random.pick([payer, fresh, fresh]), space: 10n })];
    case 9:
      return derivedAccount(random, world);
    case 10:
      return newNonce(random, world);
    default:
      return [changeNonce(random, world)];
  }
}

function changeNonce(random: SeededRandom, world: World) {
  const { address: nonceAccount, authority } = random.pick(world.nonces);
  const nonceAuthority = createNoopSigner(authority);
  switch (random.below(4)) {
    case 3:
      return system.getUpgradeNonceAccountInstruction({ nonceAccount: world.legacyNonce });
    case 0:
      return system.getAdvanceNonceAccountInstruction({ nonceAccount, nonceAuthority });
    case 1:
      return system.getWithdrawNonceAccountInstruction({
        nonceAccount,
        recipientAccount: anyDestination(random, world),
        nonceAuthority,
        withdrawAmount: random.pick([1_000n, 5_000_000n, NONCE_RENT + 5_000_000n]),
      });
    default: {
      const newNonceAuthority = anyParty(random, world);
      return system.getAuthorizeNonceAccountInstruction({ nonceAccount, nonceAuthority, newNonceAuthority });
    }
  }
}

async function withSeed(random: SeededRandom, world: World, space: bigint): Promise<Step> {
  const { seed, base, address, programAddress } = await derive(random, world, TOKEN_PROGRAM);
  return [
    system.getCreateAccountWithSeedInstruction({
      payer: anySigner(random, world),
      newAccount: address,
      baseAccount: createNoopSigner(base),
      base,
      seed,
      amount: rentExemption(space) + random.pick([0n, 77n]),
      space,
      programAddress,
    }),
  ];
}

/** Of the wallet's own derived account, or of one that is not there yet. */
async function derivedAccount(random: SeededRandom, world: World): Promise<Step> {
  const { wallet, derived } = world;
  const own = { seed: derived.seed, base: wallet, address: derived.address, programAddress: SYSTEM_PROGRAM };
  const { seed, base, address, programAddress } = random.chance(50) ? own : await derive(random, world, TOKEN_PROGRAM);
  const accounts = { baseAccount: createNoopSigner(base), base, seed, programAddress };
  return random.chance(50)
    ? [system.getAssignWithSeedInstruction({ account: address, ...accounts })]
    : [system.getAllocateWithSeedInstruction({ newAccount: address, ...accounts, space: 10n })];
}

async function derive(random: SeededRandom, world: World, programAddress: Address) {
  const seed = `s${random.below(1_000_000)}`;
  const base = anyParty(random, world);
  const address = await createAddressWithSeed({ baseAddress: base, seed, programAddress });
  return { seed, base, address, programAddress };
}

function newNonce(random: SeededRandom, world: World): Step {
  const nonceAccount = randomAddress(random);
  const create = system.getCreateAccountInstruction({
    payer: anySigner(random, world),
    newAccount: createNoopSigner(nonceAccount),
    lamports: NONCE_RENT + 77n,
    space: 80n,
    programAddress: SYSTEM_PROGRAM,
  });
  const nonceAuthority = anyParty(random, world);
  return [create, system.getInitializeNonceAccountInstruction({ nonceAccount, nonceAuthority })];
}
