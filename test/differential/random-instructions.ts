// Owns random System, Compute Budget, Memo and Associated Token Account instructions over a world's accounts.
import { type Address, createAddressWithSeed, createNoopSigner, type Instruction } from '@solana/kit';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAddMemoInstruction } from '@solana-program/memo';
import * as system from '@solana-program/system';
import {
  getCreateAssociatedTokenIdempotentInstruction,
  getCreateAssociatedTokenInstruction,
  getRecoverNestedAssociatedTokenInstruction,
} from '@solana-program/token';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import {
  MEMO_PROGRAM_V2,
  NATIVE_MINT,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { randomAddress } from './corpus.ts';
import { randomTokenInstructions } from './random-token-instructions.ts';
import type { SeededRandom } from './seeded-random.ts';
import { associated, type World } from './world.ts';

/** Instructions, and addresses that did not exist before. */
export interface Plan {
  readonly instructions: readonly Instruction[];
  readonly created: readonly Address[];
}

export async function randomPlan(random: SeededRandom, world: World): Promise<Plan> {
  const instructions: Instruction[] = [];
  const created: Address[] = [];
  const add = (plan: Plan): void => {
    instructions.push(...plan.instructions);
    created.push(...plan.created);
  };
  if (random.chance(25)) add(one(getSetComputeUnitLimitInstruction({ units: 100_000 + random.below(2_000_000) })));
  if (random.chance(40))
    add(one(getSetComputeUnitPriceInstruction({ microLamports: BigInt(random.below(5_000_000)) })));
  const steps = 1 + random.below(3);
  for (let i = 0; i < steps; i++) {
    const kind = random.below(100);
    if (kind < 55) add(randomTokenInstructions(random, world));
    else if (kind < 85) add(await randomSystem(random, world));
    else if (kind < 96) add(await randomAssociated(random, world));
    else add(one(getAddMemoInstruction({ memo: 'for coffee' }, { programAddress: MEMO_PROGRAM_V2 })));
  }
  return { instructions, created };
}

function one(instruction: Instruction, created: readonly Address[] = []): Plan {
  return { instructions: [instruction], created };
}

async function randomSystem(random: SeededRandom, world: World): Promise<Plan> {
  const payerAddress = random.pick([world.wallet, world.wallet, ...world.others]);
  const payer = createNoopSigner(payerAddress);
  const fresh = randomAddress(random);
  const newAccount = createNoopSigner(fresh);
  const space = BigInt(random.pick([0, 82, 165]));
  const amount = rentExemption(space) + BigInt(random.pick([0, 0, 1, 12_345]));
  const owner = random.pick([SYSTEM_PROGRAM, TOKEN_PROGRAM]);
  const nonce = random.pick(world.nonces);
  const nonceAuthority = createNoopSigner(nonce.authority);
  const anywhere = random.pick([
    world.wallet,
    ...world.others,
    fresh,
    world.multisig,
    ...world.tokenAccounts.map(({ address }) => address),
  ]);
  switch (random.below(11)) {
    case 0:
    case 1: {
      const lamports = BigInt(random.pick([5_000_000, 2_039_280, 1_000_000_000]));
      return one(system.getTransferSolInstruction({ source: payer, destination: anywhere, amount: lamports }), [fresh]);
    }
    case 2:
      return one(
        system.getCreateAccountInstruction({ payer, newAccount, lamports: amount, space, programAddress: owner }),
        [fresh],
      );
    case 3:
      return one(
        system.getCreateAccountAllowPrefundInstruction({
          newAccount: random.chance(10) ? createNoopSigner(world.wallet) : newAccount,
          payer,
          lamports: amount,
          space,
          programAddress: owner,
        }),
        [fresh],
      );
    case 4:
      return withSeed(random, world, payerAddress, amount, space);
    case 5:
      return one(system.getAdvanceNonceAccountInstruction({ nonceAccount: nonce.address, nonceAuthority }));
    case 6:
      return one(
        system.getWithdrawNonceAccountInstruction({
          nonceAccount: nonce.address,
          recipientAccount: anywhere,
          nonceAuthority,
          withdrawAmount: random.pick([1_000n, 5_000_000n, rentExemption(80n) + 5_000_000n]),
        }),
        [fresh],
      );
    case 7:
      return one(
        system.getAuthorizeNonceAccountInstruction({
          nonceAccount: nonce.address,
          nonceAuthority,
          newNonceAuthority: random.pick(world.others),
        }),
      );
    case 8:
      return one(
        system.getTransferSolWithSeedInstruction({
          source: world.derived.address,
          baseAccount: createNoopSigner(world.wallet),
          destination: random.pick([world.wallet, ...world.others]),
          amount: 5_000_000n,
          fromSeed: world.derived.seed,
          fromOwner: SYSTEM_PROGRAM,
        }),
      );
    case 9:
      return one(
        random.chance(50)
          ? system.getAssignInstruction({ account: payer, programAddress: TOKEN_PROGRAM })
          : system.getAllocateInstruction({ newAccount, space: 10n }),
        [fresh],
      );
    default:
      return createNonce(world, payerAddress, fresh, random.pick([world.wallet, ...world.others]));
  }
}

async function withSeed(
  random: SeededRandom,
  world: World,
  payer: Address,
  amount: bigint,
  space: bigint,
): Promise<Plan> {
  const seed = `s${random.below(1_000_000)}`;
  const baseAddress = world.wallet;
  const newAccount = await createAddressWithSeed({ baseAddress, seed, programAddress: TOKEN_PROGRAM });
  const instruction = system.getCreateAccountWithSeedInstruction({
    payer: createNoopSigner(payer),
    newAccount,
    baseAccount: createNoopSigner(baseAddress),
    base: baseAddress,
    seed,
    amount,
    space,
    programAddress: TOKEN_PROGRAM,
  });
  return one(instruction, [newAccount]);
}

function createNonce(world: World, payer: Address, fresh: Address, authority: Address): Plan {
  const newAccount = createNoopSigner(fresh);
  const lamports = rentExemption(80n) + 77n;
  const create = { payer: createNoopSigner(payer), newAccount, lamports, space: 80n, programAddress: SYSTEM_PROGRAM };
  return {
    instructions: [
      system.getCreateAccountInstruction(create),
      system.getInitializeNonceAccountInstruction({ nonceAccount: fresh, nonceAuthority: authority }),
    ],
    created: [fresh, world.wallet],
  };
}

async function randomAssociated(random: SeededRandom, world: World): Promise<Plan> {
  const owner = random.pick([world.wallet, ...world.others, randomAddress(random)]);
  const mint = random.pick([...world.mints, NATIVE_MINT]);
  const ata = await associated(owner, mint);
  const payer = createNoopSigner(random.pick([world.wallet, world.wallet, ...world.others]));
  const accounts = { payer, ata, owner, mint };
  if (random.chance(20)) {
    const { nested, destination, ownerAccount } = world.nested;
    const instruction = getRecoverNestedAssociatedTokenInstruction({
      nestedAssociatedAccountAddress: nested,
      nestedTokenMintAddress: world.mints[1],
      destinationAssociatedAccountAddress: destination,
      ownerAssociatedAccountAddress: ownerAccount,
      ownerTokenMintAddress: world.mints[0],
      walletAddress: createNoopSigner(world.wallet),
    });
    return one(instruction);
  }
  const known = world.tokenAccounts.some(({ address }) => address === ata);
  const create = random.chance(50)
    ? getCreateAssociatedTokenInstruction(accounts)
    : getCreateAssociatedTokenIdempotentInstruction(accounts);
  const fund = system.getTransferSolInstruction({
    source: createNoopSigner(world.wallet),
    destination: ata,
    amount: random.pick([500n, 3_000_000n]),
  });
  const instructions = random.pick([[create], [create, fund], [fund, create]]);
  return { instructions, created: known ? [] : [ata] };
}
