// Owns random SPL Token instructions over a world's accounts: mostly with the right authority, so that most of them run.
import { type Address, createNoopSigner, type Instruction, type TransactionSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import { NATIVE_MINT, TOKEN_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { randomAddress } from './corpus.ts';
import type { Plan } from './random-instructions.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { TokenAccountPlan, World } from './world.ts';

type TokenInstruction = Parameters<typeof token.getBatchInstruction>[0][number];

/** One instruction, a batch of several, or a new account with its initialization. */
export function randomTokenInstructions(random: SeededRandom, world: World): Plan {
  const kind = random.below(100);
  if (kind < 12) return newAccount(random, world);
  if (kind < 25) {
    const parts = Array.from({ length: 1 + random.below(3) }, () => single(random, world));
    return { instructions: [token.getBatchInstruction(parts)], created: [] };
  }
  return { instructions: [single(random, world)], created: [] };
}

function newAccount(random: SeededRandom, world: World): Plan {
  const fresh = randomAddress(random);
  const payer = createNoopSigner(random.pick([world.wallet, ...world.others]));
  const create = (space: bigint, excess: bigint): Instruction =>
    getCreateAccountInstruction({
      payer,
      newAccount: createNoopSigner(fresh),
      lamports: rentExemption(space) + excess,
      space,
      programAddress: TOKEN_PROGRAM,
    });
  const owner = random.pick([world.wallet, ...world.others]);
  if (random.chance(30)) {
    const mint = token.getInitializeMint2Instruction({ mint: fresh, decimals: 3, mintAuthority: owner });
    return { instructions: [create(82n, 0n), mint], created: [fresh] };
  }
  const mint = random.pick([...world.mints, NATIVE_MINT]);
  const initialize = random.pick([
    token.getInitializeAccount3Instruction({ account: fresh, mint, owner }),
    token.getInitializeAccount2Instruction({ account: fresh, mint, owner }),
    token.getInitializeAccountInstruction({ account: fresh, mint, owner }),
  ]);
  const instructions = [create(165n, random.pick([0n, 5_000n])), initialize];
  const from = world.tokenAccounts.find((plan) => plan.mint === mint && plan.owner === world.wallet);
  if (from !== undefined && random.chance(60)) {
    const authority = createNoopSigner(world.wallet);
    instructions.push(
      token.getTransferInstruction({ source: from.address, destination: fresh, authority, amount: 1_000n }),
    );
  }
  return { instructions, created: [fresh] };
}

/** Whoever may move tokens of an account: its owner, through a member where that is the multisig, or its delegate. */
function authorityOver(random: SeededRandom, world: World, plan: TokenAccountPlan) {
  const [first = world.wallet] = world.others;
  const byDelegate = plan.delegate !== null && random.chance(30);
  if (byDelegate) return { authority: createNoopSigner(plan.delegate ?? plan.owner), multiSigners: [] };
  return ownerOf(random, world, plan.owner, first);
}

function ownerOf(random: SeededRandom, world: World, owner: Address, first: Address) {
  if (owner !== world.multisig) return { authority: createNoopSigner(owner), multiSigners: [] as TransactionSigner[] };
  const member = createNoopSigner(random.pick([world.wallet, first]));
  return { authority: owner, multiSigners: [member] as TransactionSigner[] };
}

function single(random: SeededRandom, world: World): TokenInstruction {
  const [first = world.wallet] = world.others;
  const plan = random.pick(world.tokenAccounts);
  const source = plan.address;
  const { mint } = plan;
  const peers = world.tokenAccounts.filter((peer) => peer.mint === mint);
  const destination = random.pick(peers).address;
  const decimals = mint === NATIVE_MINT ? 9 : mint === world.mints[0] ? 6 : 0;
  const amount = BigInt(random.pick([0, 1, 1_000, 2_000_000, 5_000_000, 5_000_001]));
  const mover = authorityOver(random, world, plan);
  const owner = ownerOf(random, world, plan.owner, first);
  const closer = plan.closeAuthority === null ? owner : ownerOf(random, world, plan.closeAuthority, first);
  const mintAuthority = createNoopSigner(mint === world.mints[0] ? world.wallet : first);
  const lamportsTo = random.pick([world.wallet, ...world.others, destination]);
  const party = random.pick([world.wallet, ...world.others]);
  switch (random.below(22)) {
    case 0:
    case 1:
    case 2:
      return token.getTransferInstruction({ source, destination, amount, ...mover });
    case 3:
    case 4:
    case 5:
      return token.getTransferCheckedInstruction({ source, mint, destination, amount, decimals, ...mover });
    case 6:
      return token.getApproveInstruction({
        source,
        delegate: party,
        amount,
        owner: owner.authority,
        multiSigners: owner.multiSigners,
      });
    case 7:
      return token.getApproveCheckedInstruction({
        ...{ source, mint, delegate: party, amount, decimals },
        ...{ owner: owner.authority, multiSigners: owner.multiSigners },
      });
    case 8:
      return token.getRevokeInstruction({ source, owner: owner.authority, multiSigners: owner.multiSigners });
    case 9:
    case 10: {
      const authorityType = random.pick([token.AuthorityType.AccountOwner, token.AuthorityType.CloseAccount]);
      const newAuthority = authorityType === token.AuthorityType.CloseAccount && random.chance(30) ? null : party;
      const by = authorityType === token.AuthorityType.CloseAccount ? closer : owner;
      return token.getSetAuthorityInstruction({
        ...{ owned: source, authorityType, newAuthority },
        ...{ owner: by.authority, multiSigners: by.multiSigners },
      });
    }
    case 11:
      return token.getSetAuthorityInstruction({
        owned: random.pick(world.mints),
        owner: createNoopSigner(random.pick([world.wallet, first])),
        authorityType: random.pick([token.AuthorityType.MintTokens, token.AuthorityType.FreezeAccount]),
        newAuthority: random.chance(50) ? null : party,
      });
    case 12:
      return token.getMintToInstruction({ mint, token: source, mintAuthority, amount });
    case 13:
      return token.getMintToCheckedInstruction({ mint, token: source, mintAuthority, amount, decimals });
    case 14:
      return token.getBurnInstruction({ account: source, mint, amount, ...mover });
    case 15:
      return token.getBurnCheckedInstruction({ account: source, mint, amount, decimals, ...mover });
    case 16:
    case 17: {
      // Only empty accounts and wrapped SOL can be closed.
      const closable = world.tokenAccounts.filter((each) => each.amount === 0n || each.mint === NATIVE_MINT);
      const target = random.pick(closable);
      const by = ownerOf(random, world, target.closeAuthority ?? target.owner, first);
      return token.getCloseAccountInstruction({
        ...{ account: target.address, destination: lamportsTo },
        ...{ owner: by.authority, multiSigners: by.multiSigners },
      });
    }
    case 18: {
      const freezer = { account: source, mint, owner: createNoopSigner(first) };
      return random.chance(80) ? token.getFreezeAccountInstruction(freezer) : token.getThawAccountInstruction(freezer);
    }
    case 19: {
      const natives = world.tokenAccounts.filter((each) => each.mint === NATIVE_MINT);
      return token.getSyncNativeInstruction({ account: random.pick(natives).address });
    }
    case 20: {
      const natives = world.tokenAccounts.filter((each) => each.mint === NATIVE_MINT && each.amount > 0n);
      const target = random.pick(natives);
      return token.getUnwrapLamportsInstruction({
        ...{ source: target.address, destination: lamportsTo, amount: random.chance(50) ? null : 1_234n },
        ...authorityOver(random, world, target),
      });
    }
    default:
      return withdrawExcess(random, world, plan, lamportsTo);
  }
}

function withdrawExcess(
  random: SeededRandom,
  world: World,
  plan: TokenAccountPlan,
  destination: Address,
): TokenInstruction {
  const [first = world.wallet] = world.others;
  const member: TransactionSigner[] = [createNoopSigner(world.wallet)];
  if (random.chance(20)) {
    const authority = world.multisig;
    return token.getWithdrawExcessLamportsInstruction({
      source: authority,
      destination,
      authority,
      multiSigners: member,
    });
  }
  if (random.chance(30)) {
    const authority = createNoopSigner(world.wallet);
    return token.getWithdrawExcessLamportsInstruction({ source: world.mints[0], destination, authority });
  }
  const owner = ownerOf(random, world, plan.owner, first);
  return token.getWithdrawExcessLamportsInstruction({ source: plan.address, destination, ...owner });
}
