// Owns random new mints of Token-2022: their extensions first, then an account of theirs and its first tokens.
import { type Address, createNoopSigner, type Instruction } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { TOKEN_2022_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import { randomAddress } from '../corpus.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { World } from '../world.ts';
import { anyParty, anySigner, type Step } from './plan.ts';

const TYPE_AND_LENGTH = 4;
const TLV_START = 166;

/** An extension with the bytes of its value, what it gives each account, and those that it does not stand beside. */
interface Choice {
  readonly bytes: number;
  readonly accountBytes?: readonly number[];
  readonly initialize: (mint: Address, authority: Address) => Instruction;
}

const CHOICES: readonly Choice[] = [
  {
    bytes: 108,
    accountBytes: [8],
    initialize: (mint, authority) =>
      token.getInitializeTransferFeeConfigInstruction({
        ...{ mint, transferFeeConfigAuthority: authority, withdrawWithheldAuthority: authority },
        ...{ transferFeeBasisPoints: 100, maximumFee: 5_000n },
      }),
  },
  {
    bytes: 32,
    initialize: (mint, closeAuthority) => token.getInitializeMintCloseAuthorityInstruction({ mint, closeAuthority }),
  },
  { bytes: 32, initialize: (mint, delegate) => token.getInitializePermanentDelegateInstruction({ mint, delegate }) },
  {
    bytes: 1,
    initialize: (mint) =>
      token.getInitializeDefaultAccountStateInstruction({ mint, state: token.AccountState.Initialized }),
  },
  {
    bytes: 52,
    initialize: (mint, rateAuthority) =>
      token.getInitializeInterestBearingMintInstruction({ mint, rateAuthority, rate: 3 }),
  },
  {
    bytes: 33,
    accountBytes: [0],
    initialize: (mint, authority) => token.getInitializePausableConfigInstruction({ mint, authority }),
  },
  {
    bytes: 64,
    accountBytes: [1],
    initialize: (mint, authority) => token.getInitializeTransferHookInstruction({ mint, authority, programId: null }),
  },
  {
    bytes: 64,
    initialize: (mint, authority) =>
      token.getInitializeGroupMemberPointerInstruction({ mint, authority, memberAddress: mint }),
  },
  { bytes: 32, initialize: (mint, authority) => token.getInitializePermissionedBurnInstruction({ mint, authority }) },
  {
    bytes: 56,
    initialize: (mint, authority) =>
      token.getInitializeScaledUiAmountMintInstruction({ mint, authority, multiplier: 2 }),
  },
  {
    bytes: 65,
    initialize: (mint, authority) =>
      token.getInitializeConfidentialTransferMintInstruction({
        ...{ mint, authority, autoApproveNewAccounts: true, auditorElgamalPubkey: null },
      }),
  },
];

export function drawNewMint(random: SeededRandom, world: World): Step {
  const kind = random.below(10);
  if (kind < 2) return soulbound(random, world);
  if (kind < 4) return namedMint(random, world);
  if (kind < 5) return groupMint(random, world);
  const chosen = CHOICES.filter(() => random.chance(20));
  return chosen.length === 0 ? drawNewMint(random, world) : mintOf(random, world, chosen);
}

function mintOf(random: SeededRandom, world: World, chosen: readonly Choice[]): Step {
  const mint = randomAddress(random);
  const authority = anyParty(random, world);
  const extensions = chosen.map(({ initialize }) => initialize(mint, authority));
  const made = madeMint(random, world, mint, sizeOf(chosen.map(({ bytes }) => bytes)), extensions);
  if (random.chance(30)) return made;
  const sizes = chosen.flatMap(({ accountBytes = [] }) => accountBytes);
  return [...made, ...firstAccount(random, world, mint, sizes.length === 0 ? 165n : sizeOf(sizes))];
}

function madeMint(
  random: SeededRandom,
  world: World,
  mint: Address,
  space: bigint,
  extensions: readonly Instruction[],
  furtherRent = 0n,
): Step {
  const freezeAuthority = random.pick([null, world.wallet]);
  const initialize = token.getInitializeMint2Instruction({
    ...{ mint, decimals: 2, mintAuthority: world.wallet, freezeAuthority },
  });
  return [created(random, world, mint, space, furtherRent), ...extensions, initialize];
}

function firstAccount(random: SeededRandom, world: World, mint: Address, space: bigint): Step {
  const account = randomAddress(random);
  const mintAuthority = createNoopSigner(world.wallet);
  return [
    created(random, world, account, space),
    token.getInitializeAccount3Instruction({ account, mint, owner: anyParty(random, world) }),
    token.getMintToInstruction({ mint, token: account, mintAuthority, amount: 9_000n }),
  ];
}

function soulbound(random: SeededRandom, world: World): Step {
  const mint = randomAddress(random);
  const made = madeMint(random, world, mint, sizeOf([0]), [
    token.getInitializeNonTransferableMintInstruction({ mint }),
  ]);
  return [...made, ...firstAccount(random, world, mint, sizeOf([0, 0]))];
}

/** The name grows the mint, which must have the rent for it already. */
function namedMint(random: SeededRandom, world: World): Step {
  const mint = randomAddress(random);
  const authority = createNoopSigner(world.wallet);
  const pointer = token.getInitializeMetadataPointerInstruction({
    ...{ mint, authority: world.wallet, metadataAddress: mint },
  });
  const text = { name: 'new', symbol: 'N', uri: '' };
  const name = token.getInitializeTokenMetadataInstruction({
    ...{ metadata: mint, updateAuthority: anyParty(random, world), mint, mintAuthority: authority, ...text },
  });
  return [...madeMint(random, world, mint, sizeOf([64]), [pointer], 2_000_000n), name];
}

/** A group, or a member of the group of the world. */
function groupMint(random: SeededRandom, world: World): Step {
  const mint = randomAddress(random);
  const mintAuthority = createNoopSigner(world.wallet);
  const pointer = token.getInitializeGroupPointerInstruction({
    ...{ mint, authority: world.wallet, groupAddress: mint },
  });
  const group = token.getInitializeTokenGroupInstruction({
    ...{ group: mint, mint, mintAuthority, updateAuthority: anyParty(random, world), maxSize: 3 },
  });
  const named = world.extended.mints.find(({ kind }) => kind === 'named');
  if (named === undefined || random.chance(50))
    return [...madeMint(random, world, mint, sizeOf([64]), [pointer], 2_000_000n), group];
  const memberPointer = token.getInitializeGroupMemberPointerInstruction({
    ...{ mint, authority: world.wallet, memberAddress: mint },
  });
  const member = token.getInitializeTokenGroupMemberInstruction({
    ...{ member: mint, memberMint: mint, memberMintAuthority: mintAuthority, group: named.address },
    groupUpdateAuthority: createNoopSigner(named.authority),
  });
  return [...madeMint(random, world, mint, sizeOf([64]), [memberPointer], 2_000_000n), member];
}

function created(random: SeededRandom, world: World, address: Address, space: bigint, further = 0n): Instruction {
  return getCreateAccountInstruction({
    payer: anySigner(random, world),
    newAccount: createNoopSigner(address),
    lamports: rentExemption(space) + further,
    space,
    programAddress: TOKEN_2022_PROGRAM,
  });
}

function sizeOf(extensions: readonly number[]): bigint {
  return BigInt(extensions.reduce((size, bytes) => size + TYPE_AND_LENGTH + bytes, TLV_START));
}
