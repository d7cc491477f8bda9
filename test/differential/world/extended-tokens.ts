// Owns the Token-2022 part of the world: a mint for each way in which extensions change what happens.
import type { Address, EncodedAccount } from '@solana/kit';
import { AccountState, type ExtensionArgs } from '@solana-program/token-2022';
import {
  everyAccountExtension,
  extendedAccount,
  extendedMint,
  feeConfig,
  transferHook,
} from '../../../gateway/core/effects/testing/token-2022-state.ts';
import {
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import { multisigAccount } from './classic-tokens.ts';
import { encodedAccount } from './encoded-account.ts';
import { type MintKind, type MintPlan, mintOf, type TokenAccountPlan, type TokenWorld } from './token-world.ts';

/** An epoch that does not come in the test. */
const LATER = 1_000_000n;
const KEY = { authority: SYSTEM_PROGRAM };

export const EXTENDED_KINDS: readonly MintKind[] = [
  'plain',
  'native',
  'fee',
  'coming_fee',
  'delegated',
  'soulbound',
  'frozen',
  'interest',
  'scaled',
  'pausable',
  'hook',
  'named',
  'unnamed',
  'permissioned_burn',
  'confidential',
  'closable',
];

/** The mint of wrapped SOL is not there: an instruction can make it. */
export function extendedAccounts(world: TokenWorld): readonly EncodedAccount[] {
  const { mints, accounts, multisigs } = world;
  return [
    ...mints.filter(({ kind }) => kind !== 'native').map(mintAccount),
    ...accounts.map((plan, i) => tokenAccount(plan, mintOf(world, plan.mint).kind, i)),
    ...multisigs.map((it) => multisigAccount(it, TOKEN_2022_PROGRAM)),
  ];
}

function mintAccount(plan: MintPlan): EncodedAccount {
  const { address, kind, decimals, mintAuthority, freezeAuthority } = plan;
  const state = extendedMint({
    decimals,
    supply: kind === 'closable' ? 0n : 10n ** 15n,
    ...(mintAuthority === null ? {} : { mintAuthority }),
    ...(freezeAuthority === null ? {} : { freezeAuthority }),
    extensions: mintExtensions(plan),
  });
  // A name makes a mint larger, which must have the rent for it already.
  const extra = kind === 'unnamed' ? 5_000_000n : 700n;
  return encodedAccount(address, { ...state, lamports: state.lamports + extra });
}

function mintExtensions({ kind, authority, address }: MintPlan): readonly ExtensionArgs[] {
  switch (kind) {
    case 'plain':
    case 'native':
      return [];
    case 'fee':
      return [feeConfig({ basisPoints: 100, maximum: 50n }, { basisPoints: 250, maximum: 30_000n }, authority, 70n)];
    case 'coming_fee':
      return [comingFee(authority)];
    case 'delegated':
      return [{ __kind: 'PermanentDelegate', delegate: authority }];
    case 'soulbound':
      return [{ __kind: 'NonTransferable' }];
    case 'frozen':
      return [{ __kind: 'DefaultAccountState', state: AccountState.Frozen }];
    case 'interest':
      return [
        {
          ...{ __kind: 'InterestBearingConfig', rateAuthority: authority },
          ...{ initializationTimestamp: 0n, preUpdateAverageRate: 2, lastUpdateTimestamp: 0n, currentRate: 4 },
        },
      ];
    case 'scaled':
      return [
        {
          ...{ __kind: 'ScaledUiAmountConfig', authority, multiplier: 1 },
          ...{ newMultiplierEffectiveTimestamp: 0n, newMultiplier: 1 },
        },
      ];
    case 'pausable':
      return [{ __kind: 'PausableConfig', authority, paused: false }];
    case 'hook':
      return [transferHook(SYSTEM_PROGRAM, authority)];
    case 'named':
      return [
        { __kind: 'MetadataPointer', authority, metadataAddress: address },
        { __kind: 'GroupPointer', authority, groupAddress: address },
        { __kind: 'GroupMemberPointer', authority, memberAddress: address },
        { __kind: 'TokenGroup', updateAuthority: authority, mint: address, size: 1n, maxSize: 2n },
        {
          ...{ __kind: 'TokenMetadata', updateAuthority: authority, mint: address },
          ...{ name: 'name', symbol: 'symbol', uri: 'uri', additionalMetadata: new Map([['field', 'value']]) },
        },
      ];
    case 'unnamed':
      return [
        { __kind: 'MetadataPointer', authority, metadataAddress: address },
        { __kind: 'GroupPointer', authority, groupAddress: address },
        { __kind: 'GroupMemberPointer', authority, memberAddress: address },
      ];
    case 'permissioned_burn':
      return [{ __kind: 'PermissionedBurn', authority }];
    case 'confidential':
      return [
        {
          ...{ __kind: 'ConfidentialTransferMint', authority, autoApproveNewAccounts: true },
          auditorElgamalPubkey: SYSTEM_PROGRAM,
        },
      ];
    case 'closable':
      return [{ __kind: 'MintCloseAuthority', closeAuthority: authority }];
  }
}

/** Now a small one, later a large one: the effects must count with the large one. */
function comingFee(authority: Address): ExtensionArgs {
  const now = { basisPoints: 10, maximum: 1_000n };
  const config = feeConfig(now, { basisPoints: 500, maximum: 10n ** 6n }, authority, 3n);
  if (config.__kind !== 'TransferFeeConfig') throw new Error('no fees');
  return { ...config, newerTransferFee: { ...config.newerTransferFee, epoch: LATER } };
}

/** What the program gives each account of such a mint; some accounts of the plain mint have settings of their own. */
function accountExtensions(kind: MintKind, index: number): readonly ExtensionArgs[] {
  switch (kind) {
    case 'fee':
    case 'coming_fee':
      return [{ __kind: 'TransferFeeAmount', withheldAmount: index % 2 === 0 ? 9n : 0n }];
    case 'soulbound':
      return [{ __kind: 'NonTransferableAccount' }, { __kind: 'ImmutableOwner' }];
    case 'pausable':
      return [{ __kind: 'PausableAccount' }];
    case 'hook':
      return [{ __kind: 'TransferHookAccount', transferring: false }];
    case 'confidential':
      return everyAccountExtension(KEY.authority).flatMap((extension) => {
        const { __kind } = extension;
        if (__kind !== 'ConfidentialTransferAccount') return [];
        return [{ ...extension, maximumPendingBalanceCreditCounter: 65_536n }];
      });
    case 'plain':
      return SETTINGS[index % SETTINGS.length] ?? [];
    case 'native':
    case 'delegated':
    case 'frozen':
    case 'interest':
    case 'scaled':
    case 'named':
    case 'unnamed':
    case 'permissioned_burn':
    case 'closable':
      return [];
  }
}

const SETTINGS: readonly (readonly ExtensionArgs[])[] = [
  [],
  [{ __kind: 'MemoTransfer', requireIncomingTransferMemos: true }],
  [{ __kind: 'CpiGuard', lockCpi: true }],
  [{ __kind: 'ImmutableOwner' }],
];

function tokenAccount(plan: TokenAccountPlan, kind: MintKind, index: number): EncodedAccount {
  const { address, mint, owner, amount, delegate, closeAuthority } = plan;
  const state = extendedAccount({
    ...{ mint, owner, amount },
    ...(delegate === null ? {} : { delegate }),
    ...(closeAuthority === null ? {} : { closeAuthority }),
    extraLamports: mint === NATIVE_MINT_2022 ? 0n : 300n,
    extensions: accountExtensions(kind, index),
  });
  return encodedAccount(address, state);
}
