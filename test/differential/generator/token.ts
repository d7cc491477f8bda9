// Owns random instructions that SPL Token and Token-2022 have in common: mostly with the right authority, so that most of them run.
import { type Address, createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import type { SeededRandom } from '../seeded-random.ts';
import {
  type Authority,
  authorityOf,
  type MintPlan,
  mintOf,
  type TokenAccountPlan,
  type TokenWorld,
} from '../world/token-world.ts';
import type { World } from '../world.ts';
import { anyDestination, anyParty, newAccount, type Step } from './plan.ts';

export type TokenInstruction = Parameters<typeof token.getBatchInstruction>[0][number];

/** One instruction of either program, a batch of several, or a new account or multisig with its initialization. */
export function drawToken(random: SeededRandom, world: World, tokens: TokenWorld): Step {
  const kind = random.below(100);
  if (kind < 10) return newTokenAccount(random, world, tokens);
  if (kind < 13) return newMultisig(random, world, tokens);
  if (kind < 15) return frozenAndThawed(random, world, tokens);
  if (kind < 17) return [readOnly(random, tokens)];
  if (kind < 30)
    return [
      batchOf(
        Array.from({ length: 1 + random.below(4) }, () => drawSingle(random, world, tokens)),
        tokens,
      ),
    ];
  return [drawSingle(random, world, tokens)];
}

export function batchOf(parts: readonly TokenInstruction[], { program }: TokenWorld): Instruction {
  return token.getBatchInstruction([...parts], { programAddress: program });
}

export function drawSingle(random: SeededRandom, world: World, tokens: TokenWorld): TokenInstruction {
  const plan = random.pick(tokens.accounts);
  const draw = {
    random,
    world,
    tokens,
    plan,
    mint: mintOf(tokens, plan.mint),
    config: { programAddress: tokens.program },
  };
  const kind = random.below(100);
  if (kind < 38) return transfer(draw);
  if (kind < 50) return approve(draw);
  if (kind < 62) return setAuthority(draw);
  if (kind < 72) return changeSupply(draw);
  if (kind < 80) return close(draw);
  if (kind < 86) return freeze(draw);
  return lamports(draw);
}

interface Draw {
  readonly random: SeededRandom;
  readonly world: World;
  readonly tokens: TokenWorld;
  readonly plan: TokenAccountPlan;
  readonly mint: MintPlan;
  readonly config: { readonly programAddress: Address };
}

export function anyAmount(random: SeededRandom): bigint {
  return BigInt(random.pick([0, 1, 1_000, 1_234_567, 2_000_000, 5_000_000, 5_000_001]));
}

/** Whoever may move tokens: the owner, the delegate, of some mints the permanent delegate. */
export function moverOf(random: SeededRandom, tokens: TokenWorld, plan: TokenAccountPlan): Authority {
  const { kind, authority } = mintOf(tokens, plan.mint);
  if (kind === 'delegated' && random.chance(50)) return { authority: createNoopSigner(authority), multiSigners: [] };
  if (plan.delegate !== null && random.chance(30)) return authorityOf(random, tokens, plan.delegate);
  return authorityOf(random, tokens, plan.owner);
}

function ownedBy(random: SeededRandom, tokens: TokenWorld, owner: Address) {
  const { authority, multiSigners } = authorityOf(random, tokens, owner);
  return { owner: authority, multiSigners };
}

function transfer({ random, tokens, plan, mint, config }: Draw): TokenInstruction {
  const peers = tokens.accounts.filter((peer) => peer.mint === plan.mint);
  const accounts = { source: plan.address, destination: random.pick(peers).address };
  const mover = moverOf(random, tokens, plan);
  const amount = anyAmount(random);
  return random.chance(40)
    ? token.getTransferInstruction({ ...accounts, amount, ...mover }, config)
    : token.getTransferCheckedInstruction(
        { ...accounts, mint: mint.address, amount, decimals: mint.decimals, ...mover },
        config,
      );
}

function approve({ random, world, tokens, plan, mint, config }: Draw): TokenInstruction {
  const owner = ownedBy(random, tokens, plan.owner);
  if (random.chance(25)) return token.getRevokeInstruction({ source: plan.address, ...owner }, config);
  const accounts = { source: plan.address, delegate: anyParty(random, world), amount: anyAmount(random), ...owner };
  return random.chance(50)
    ? token.getApproveInstruction(accounts, config)
    : token.getApproveCheckedInstruction({ ...accounts, mint: mint.address, decimals: mint.decimals }, config);
}

function setAuthority({ random, world, tokens, plan, config }: Draw): TokenInstruction {
  const { AccountOwner, CloseAccount, MintTokens, FreezeAccount } = token.AuthorityType;
  const newAuthority = random.chance(30) ? null : anyParty(random, world);
  if (random.chance(30)) {
    const { address: owned, mintAuthority, freezeAuthority } = random.pick(tokens.mints);
    const authorityType = random.pick([MintTokens, FreezeAccount]);
    const owner = createNoopSigner((authorityType === MintTokens ? mintAuthority : freezeAuthority) ?? world.wallet);
    return token.getSetAuthorityInstruction({ owned, owner, authorityType, newAuthority }, config);
  }
  const authorityType = random.pick([AccountOwner, CloseAccount]);
  const by = authorityType === CloseAccount ? (plan.closeAuthority ?? plan.owner) : plan.owner;
  const to = authorityType === AccountOwner ? (newAuthority ?? world.wallet) : newAuthority;
  const change = { owned: plan.address, authorityType, newAuthority: to };
  return token.getSetAuthorityInstruction({ ...change, ...ownedBy(random, tokens, by) }, config);
}

function changeSupply({ random, world, tokens, plan, mint, config }: Draw): TokenInstruction {
  const amount = anyAmount(random);
  const { address, decimals } = mint;
  if (random.chance(50)) {
    const accounts = {
      mint: address,
      token: plan.address,
      mintAuthority: createNoopSigner(mint.mintAuthority ?? world.wallet),
    };
    return random.chance(50)
      ? token.getMintToInstruction({ ...accounts, amount }, config)
      : token.getMintToCheckedInstruction({ ...accounts, amount, decimals }, config);
  }
  const accounts = { account: plan.address, mint: address, amount, ...moverOf(random, tokens, plan) };
  return random.chance(50)
    ? token.getBurnInstruction(accounts, config)
    : token.getBurnCheckedInstruction({ ...accounts, decimals }, config);
}

/** Only empty accounts and wrapped SOL can be closed; and of some mints, the mint. */
function close({ random, world, tokens, plan, config }: Draw): TokenInstruction {
  const destination = random.chance(85) ? anyDestination(random, world) : plan.address;
  const mints = tokens.mints.filter(({ kind }) => kind === 'closable');
  if (mints.length > 0 && random.chance(20)) {
    const { address: account, authority } = random.pick(mints);
    return token.getCloseAccountInstruction({ account, destination, owner: createNoopSigner(authority) }, config);
  }
  const closable = tokens.accounts.filter(
    ({ amount, mint }) => amount === 0n || mintOf(tokens, mint).kind === 'native',
  );
  const target = random.pick(closable);
  const owner = ownedBy(random, tokens, target.closeAuthority ?? target.owner);
  return token.getCloseAccountInstruction({ account: target.address, destination, ...owner }, config);
}

function freeze({ random, world, plan, mint, config }: Draw): TokenInstruction {
  const owner = createNoopSigner(mint.freezeAuthority ?? world.wallet);
  const accounts = { account: plan.address, mint: mint.address, owner };
  return random.chance(80)
    ? token.getFreezeAccountInstruction(accounts, config)
    : token.getThawAccountInstruction(accounts, config);
}

function frozenAndThawed(random: SeededRandom, world: World, tokens: TokenWorld): Step {
  const plan = random.pick(tokens.accounts);
  const { address: mint, freezeAuthority } = mintOf(tokens, plan.mint);
  const accounts = { account: plan.address, mint, owner: createNoopSigner(freezeAuthority ?? world.wallet) };
  const config = { programAddress: tokens.program };
  return [token.getFreezeAccountInstruction(accounts, config), token.getThawAccountInstruction(accounts, config)];
}

/** What only answers with data. */
function readOnly(random: SeededRandom, tokens: TokenWorld): Instruction {
  const { address: mint } = random.pick(tokens.mints);
  const config = { programAddress: tokens.program };
  return random.pick<() => Instruction>([
    () => token.getGetAccountDataSizeInstruction({ mint }, config),
    () => token.getAmountToUiAmountInstruction({ mint, amount: 7n }, config),
    () => token.getUiAmountToAmountInstruction({ mint, uiAmount: '7' }, config),
  ])();
}

function lamports({ random, world, tokens, plan, config }: Draw): TokenInstruction {
  const destination = anyDestination(random, world);
  const natives = tokens.accounts.filter(({ mint }) => mintOf(tokens, mint).kind === 'native');
  const native = random.pick(natives);
  switch (random.below(5)) {
    case 0:
      return token.getSyncNativeInstruction({ account: native.address }, config);
    case 1:
    case 2: {
      const amount = random.chance(50) ? null : 1_234n;
      const mover = moverOf(random, tokens, native);
      return token.getUnwrapLamportsInstruction({ source: native.address, destination, amount, ...mover }, config);
    }
    default:
      return token.getWithdrawExcessLamportsInstruction(
        { ...excessSource(random, world, tokens, plan), destination },
        config,
      );
  }
}

function excessSource(random: SeededRandom, { wallet }: World, tokens: TokenWorld, plan: TokenAccountPlan) {
  if (random.chance(20)) {
    const { address: source } = random.pick(tokens.multisigs);
    return { source, ...authorityOf(random, tokens, source) };
  }
  if (random.chance(30)) {
    const { address: source, mintAuthority } = random.pick(tokens.mints);
    return { source, authority: createNoopSigner(mintAuthority ?? wallet), multiSigners: [] };
  }
  return { source: plan.address, ...authorityOf(random, tokens, plan.owner) };
}

/** Classic ones are all of one size; what a mint of Token-2022 adds is in its own generator. */
function newTokenAccount(random: SeededRandom, world: World, tokens: TokenWorld): Step {
  const config = { programAddress: tokens.program };
  const owner = anyParty(random, world);
  if (random.chance(30)) {
    const { address, create } = newAccount(random, world, tokens.program, 82n);
    const init = {
      mint: address,
      decimals: 3,
      mintAuthority: owner,
      freezeAuthority: random.pick([null, world.wallet]),
    };
    const initialize = random.chance(50)
      ? token.getInitializeMintInstruction(init, config)
      : token.getInitializeMint2Instruction(init, config);
    return [create, initialize];
  }
  const mints = tokens.mints.filter(({ kind }) => kind === 'plain' || kind === 'native');
  const { address: mint } = random.pick(mints);
  const { address, create } = newAccount(random, world, tokens.program, 165n);
  const init = { account: address, mint, owner };
  const initialize = random.pick<() => Instruction>([
    () => token.getInitializeAccountInstruction(init, config),
    () => token.getInitializeAccount2Instruction(init, config),
    () => token.getInitializeAccount3Instruction(init, config),
  ])();
  return [create, initialize, ...firstTokens(random, world, tokens, address, mint)];
}

/** Tokens or SOL for a new account, so that what comes in and goes out of it again is followed. */
function firstTokens(random: SeededRandom, world: World, tokens: TokenWorld, account: Address, mint: Address): Step {
  const config = { programAddress: tokens.program };
  const from = tokens.accounts.find((plan) => plan.mint === mint && plan.owner === world.wallet);
  if (from === undefined || random.chance(40)) return [];
  const authority = createNoopSigner(world.wallet);
  if (mintOf(tokens, mint).kind === 'native' && random.chance(60)) {
    const wrap = getTransferSolInstruction({ source: authority, destination: account, amount: 7_000n });
    return [wrap, token.getSyncNativeInstruction({ account }, config)];
  }
  return [
    token.getTransferInstruction({ source: from.address, destination: account, authority, amount: 1_000n }, config),
  ];
}

function newMultisig(random: SeededRandom, world: World, tokens: TokenWorld): Step {
  const { address, create } = newAccount(random, world, tokens.program, 355n);
  const init = { multisig: address, m: 2, signers: [world.wallet, ...world.others] };
  const config = { programAddress: tokens.program };
  const initialize = random.chance(50)
    ? token.getInitializeMultisigInstruction(init, config)
    : token.getInitializeMultisig2Instruction(init, config);
  return [create, initialize];
}
