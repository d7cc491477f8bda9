// Owns random instructions that change what a mint of Token-2022 is like, and who may change it.
import { type Address, createNoopSigner, type Instruction } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { randomAddress } from '../corpus.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { MintKind, MintPlan } from '../world/token-world.ts';
import type { World } from '../world.ts';
import { anyParty } from './plan.ts';

export function drawMintSetting(random: SeededRandom, world: World): Instruction {
  const plan = random.pick(world.extended.mints.filter(({ kind }) => kind in SETTINGS));
  const draws = SETTINGS[plan.kind] ?? [];
  return random.pick(draws)(plan, random, world);
}

type DrawSetting = (plan: MintPlan, random: SeededRandom, world: World) => Instruction;

const by = ({ address: mint, authority }: MintPlan) => ({ mint, authority: createNoopSigner(authority) });

const feeSetting: DrawSetting = ({ address: mint, authority }, random) =>
  token.getSetTransferFeeInstruction({
    ...{ mint, transferFeeConfigAuthority: createNoopSigner(authority) },
    ...{ transferFeeBasisPoints: random.below(10_001), maximumFee: random.amount() },
  });

const named = ({ address: metadata, authority }: MintPlan) => ({
  metadata,
  updateAuthority: createNoopSigner(authority),
});
const grouped = ({ address: group, authority }: MintPlan) => ({ group, updateAuthority: createNoopSigner(authority) });

const SETTINGS: { readonly [K in MintKind]?: readonly DrawSetting[] } = {
  fee: [feeSetting],
  coming_fee: [feeSetting],
  frozen: [
    ({ address: mint, freezeAuthority }, random, { wallet }) =>
      token.getUpdateDefaultAccountStateInstruction({
        ...{ mint, freezeAuthority: createNoopSigner(freezeAuthority ?? wallet) },
        state: random.pick([token.AccountState.Initialized, token.AccountState.Frozen]),
      }),
  ],
  interest: [
    ({ address: mint, authority }, random) =>
      token.getUpdateRateInterestBearingMintInstruction({
        ...{ mint, rateAuthority: createNoopSigner(authority), rate: random.below(2_000) - 1_000 },
      }),
  ],
  scaled: [
    (plan, random) =>
      token.getUpdateMultiplierScaledUiMintInstruction({
        ...by(plan),
        ...{ multiplier: random.pick([0.5, 1, 1.5, 1_000]), effectiveTimestamp: random.below(2_000_000) },
      }),
  ],
  pausable: [(plan) => token.getPauseInstruction(by(plan)), (plan) => token.getResumeInstruction(by(plan))],
  hook: [
    (plan, random) =>
      token.getUpdateTransferHookInstruction({ ...by(plan), programId: random.pick([null, randomAddress(random)]) }),
  ],
  named: [
    ({ address: mint, authority }, random) =>
      token.getUpdateMetadataPointerInstruction({
        ...{ mint, metadataPointerAuthority: createNoopSigner(authority), metadataAddress: randomAddress(random) },
      }),
    ({ address: mint, authority }, random) =>
      token.getUpdateGroupPointerInstruction({
        ...{ mint, groupPointerAuthority: createNoopSigner(authority), groupAddress: randomAddress(random) },
      }),
    ({ address: mint, authority }, random) =>
      token.getUpdateGroupMemberPointerInstruction({
        ...{ mint, groupMemberPointerAuthority: createNoopSigner(authority), memberAddress: randomAddress(random) },
      }),
    (plan, random) =>
      token.getUpdateTokenMetadataFieldInstruction({
        ...named(plan),
        field: random.pick([token.tokenMetadataField('Name'), token.tokenMetadataField('Key', ['field'])]),
        value: random.pick(['', 'none', 'name']),
      }),
    (plan, random) =>
      token.getRemoveTokenMetadataKeyInstruction({
        ...named(plan),
        idempotent: true,
        key: random.pick(['field', 'no']),
      }),
    (plan, random, world) =>
      token.getUpdateTokenMetadataUpdateAuthorityInstruction({
        ...{ ...named(plan), newUpdateAuthority: random.pick([null, anyParty(random, world)]) },
      }),
    ({ address: metadata }) => token.getEmitTokenMetadataInstruction({ metadata }),
    (plan, random) => token.getUpdateTokenGroupMaxSizeInstruction({ ...grouped(plan), maxSize: 1 + random.below(9) }),
    (plan, random, world) =>
      token.getUpdateTokenGroupUpdateAuthorityInstruction({
        ...{ ...grouped(plan), newUpdateAuthority: random.pick([null, anyParty(random, world)]) },
      }),
  ],
  unnamed: [
    ({ address: mint, mintAuthority }, random, world) =>
      token.getInitializeTokenMetadataInstruction({
        ...{ metadata: mint, mint, updateAuthority: anyParty(random, world), name: 'new', symbol: 'N', uri: '' },
        mintAuthority: createNoopSigner(mintAuthority ?? world.wallet),
      }),
    ({ address: mint, mintAuthority }, random, world) =>
      token.getInitializeTokenGroupInstruction({
        ...{ group: mint, mint, updateAuthority: random.pick([null, anyParty(random, world)]), maxSize: 3 },
        mintAuthority: createNoopSigner(mintAuthority ?? world.wallet),
      }),
    ({ address: member, mintAuthority }, _random, world) => joinGroup(member, mintAuthority ?? world.wallet, world),
  ],
};

/** The group of the world. */
function joinGroup(member: Address, mintAuthority: Address, { extended }: World): Instruction {
  const group = extended.mints.find(({ kind }) => kind === 'named');
  if (group === undefined) throw new Error('the world has no group');
  return token.getInitializeTokenGroupMemberInstruction({
    ...{ member, memberMint: member, memberMintAuthority: createNoopSigner(mintAuthority), group: group.address },
    groupUpdateAuthority: createNoopSigner(group.authority),
  });
}

const T = token.AuthorityType;

const AUTHORITIES: { readonly [K in MintKind]?: readonly token.AuthorityType[] } = {
  fee: [T.TransferFeeConfig, T.WithheldWithdraw],
  coming_fee: [T.TransferFeeConfig, T.WithheldWithdraw],
  delegated: [T.PermanentDelegate],
  interest: [T.InterestRate],
  scaled: [T.ScaledUiAmount],
  pausable: [T.Pause],
  hook: [T.TransferHookProgramId],
  named: [T.MetadataPointer, T.GroupPointer, T.GroupMemberPointer],
  permissioned_burn: [T.PermissionedBurn],
  confidential: [T.ConfidentialTransferMint],
  closable: [T.CloseMint],
};

/** Of each authority that an extension has. */
export function handOver(random: SeededRandom, world: World): Instruction {
  const plan = random.pick(world.extended.mints.filter(({ kind }) => kind in AUTHORITIES));
  return token.getSetAuthorityInstruction({
    ...{ owned: plan.address, owner: createNoopSigner(plan.authority) },
    authorityType: random.pick(AUTHORITIES[plan.kind] ?? []),
    newAuthority: random.chance(30) ? null : anyParty(random, world),
  });
}
