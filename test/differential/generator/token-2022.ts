// Owns random instructions that only Token-2022 has: those of accounts, of transfer fees, of hidden balances; mints have a file of their own.
import { createNoopSigner } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { NATIVE_MINT_2022 } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { authorityOf, type MintKind, type MintPlan, type TokenAccountPlan } from '../world/token-world.ts';
import type { World } from '../world.ts';
import { drawMintSetting, handOver } from './mint-settings.ts';
import { drawNewMint } from './new-mint.ts';
import { anySigner, type Step } from './plan.ts';
import { anyAmount, moverOf } from './token.ts';

export function drawToken2022(random: SeededRandom, world: World): Step {
  const kind = random.below(100);
  if (kind < 22) return fees(random, world);
  if (kind < 38) return accountSetting(random, world);
  if (kind < 50) return hidden(random, world);
  if (kind < 66) return [drawMintSetting(random, world)];
  if (kind < 78) return [handOver(random, world)];
  if (kind < 84) return permissionedBurn(random, world);
  if (kind < 87)
    return [token.getCreateNativeMintInstruction({ payer: anySigner(random, world), nativeMint: NATIVE_MINT_2022 })];
  return drawNewMint(random, world);
}

export function mintsOf({ extended }: World, ...kinds: readonly MintKind[]): readonly MintPlan[] {
  return extended.mints.filter(({ kind }) => kinds.includes(kind));
}

function accountsOf({ extended }: World, mint: MintPlan): readonly TokenAccountPlan[] {
  return extended.accounts.filter((plan) => plan.mint === mint.address);
}

function fees(random: SeededRandom, world: World): Step {
  const plan = random.pick(mintsOf(world, 'fee', 'coming_fee'));
  const mint = plan.address;
  const accounts = accountsOf(world, plan);
  const sources = Array.from({ length: 1 + random.below(3) }, () => random.pick(accounts).address);
  const feeReceiver = random.pick(accounts).address;
  const withdrawWithheldAuthority = createNoopSigner(plan.authority);
  const harvest = token.getHarvestWithheldTokensToMintInstruction({ mint, sources });
  const fromMint = token.getWithdrawWithheldTokensFromMintInstruction({ mint, feeReceiver, withdrawWithheldAuthority });
  const fromAccounts = token.getWithdrawWithheldTokensFromAccountsInstruction({
    ...{ mint, feeReceiver, withdrawWithheldAuthority, sources, numTokenAccounts: sources.length },
  });
  return random.pick<() => Step>([
    () => [harvest],
    () => [fromMint],
    () => [fromAccounts],
    () => [harvest, fromMint],
    () => [withFee(random, world, plan)],
    () => [withFee(random, world, plan), fromAccounts],
  ])();
}

/** The fee that is asked now. */
function withFee(random: SeededRandom, world: World, mint: MintPlan) {
  const accounts = accountsOf(world, mint);
  const source = random.pick(accounts);
  const amount = anyAmount(random);
  const [basisPoints, maximum] = mint.kind === 'fee' ? [250n, 30_000n] : [10n, 1_000n];
  const asked = (amount * basisPoints + 9_999n) / 10_000n;
  return token.getTransferCheckedWithFeeInstruction({
    ...{ source: source.address, mint: mint.address, destination: random.pick(accounts).address },
    ...{ amount, decimals: mint.decimals, fee: asked < maximum ? asked : maximum },
    ...moverOf(random, world.extended, source),
  });
}

function accountSetting(random: SeededRandom, world: World): Step {
  const { address, owner: ownedBy } = random.pick(world.extended.accounts);
  const { authority: owner, multiSigners } = authorityOf(random, world.extended, ownedBy);
  const accounts = { token: address, owner, multiSigners };
  const { MemoTransfer, CpiGuard, ImmutableOwner } = token.ExtensionType;
  const reallocate = token.getReallocateInstruction({
    ...{ ...accounts, payer: anySigner(random, world) },
    newExtensionTypes: random.pick([[MemoTransfer], [CpiGuard], [MemoTransfer, CpiGuard], [ImmutableOwner]]),
  });
  const set = random.pick([
    () => token.getEnableMemoTransfersInstruction(accounts),
    () => token.getDisableMemoTransfersInstruction(accounts),
    () => token.getEnableCpiGuardInstruction(accounts),
    () => token.getDisableCpiGuardInstruction(accounts),
  ])();
  // An account without room for the setting refuses it.
  return random.pick<Step>([[set], [reallocate], [reallocate, set], [reallocate, set]]);
}

/** Those that ask no proof. */
function hidden(random: SeededRandom, world: World): Step {
  const plan = random.pick(mintsOf(world, 'confidential'));
  const mint = plan.address;
  const { address, owner } = random.pick(accountsOf(world, plan));
  const accounts = { token: address, ...authorityOf(random, world.extended, owner) };
  const setter = createNoopSigner(plan.authority);
  const deposit = token.getConfidentialDepositInstruction({
    ...{ ...accounts, mint, amount: random.pick([0n, 7n, 1_000n]), decimals: plan.decimals },
  });
  return [
    random.pick([
      () => deposit,
      () => deposit,
      () => token.getEnableConfidentialCreditsInstruction(accounts),
      () => token.getDisableConfidentialCreditsInstruction(accounts),
      () => token.getEnableNonConfidentialCreditsInstruction(accounts),
      () => token.getDisableNonConfidentialCreditsInstruction(accounts),
      () => token.getApproveConfidentialTransferAccountInstruction({ token: address, mint, authority: setter }),
      () =>
        token.getApplyConfidentialPendingBalanceInstruction({
          ...{ ...accounts, expectedPendingBalanceCreditCounter: 0n },
          newDecryptableAvailableBalance: new Uint8Array(36),
        }),
      () =>
        token.getUpdateConfidentialTransferMintInstruction({
          ...{ mint, authority: setter, autoApproveNewAccounts: random.chance(50), auditorElgamalPubkey: null },
        }),
    ])(),
  ];
}

function permissionedBurn(random: SeededRandom, world: World): Step {
  const mint = random.pick(mintsOf(world, 'permissioned_burn'));
  const source = random.pick(accountsOf(world, mint));
  const accounts = {
    ...{ account: source.address, mint: mint.address, amount: anyAmount(random) },
    permissionedBurnAuthority: createNoopSigner(mint.authority),
    ...moverOf(random, world.extended, source),
  };
  return [
    random.chance(50)
      ? token.getPermissionedBurnInstruction(accounts)
      : token.getPermissionedBurnCheckedInstruction({ ...accounts, decimals: mint.decimals }),
  ];
}
