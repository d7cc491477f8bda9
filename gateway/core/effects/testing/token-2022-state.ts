// Owns making accounts of Token-2022 for tests: the published client writes their bytes.
import { some } from '@solana/kit';
import { AccountState, type ExtensionArgs, getMintEncoder, getTokenEncoder } from '@solana-program/token-2022';
import type { Address } from '../../address.ts';
import { NATIVE_MINT_2022, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { AccountState as ChainAccount } from '../chain-facts.ts';
import { rentExemption } from '../rent.ts';

export interface MintPlan {
  readonly decimals?: number;
  readonly supply?: bigint;
  readonly mintAuthority?: Address;
  readonly freezeAuthority?: Address;
  readonly extensions?: readonly ExtensionArgs[];
}

export function extendedMint(plan: MintPlan = {}): ChainAccount {
  const { decimals = 6, supply = 1_000_000n, mintAuthority = null, freezeAuthority = null, extensions = [] } = plan;
  const data = getMintEncoder().encode({
    mintAuthority,
    supply,
    decimals,
    isInitialized: true,
    freezeAuthority,
    extensions: extensions.length === 0 ? null : some([...extensions]),
  });
  return stored(new Uint8Array(data), 0n);
}

export interface ExtendedAccountPlan {
  readonly mint: Address;
  readonly owner: Address;
  readonly amount?: bigint;
  readonly delegate?: Address;
  readonly closeAuthority?: Address;
  readonly extraLamports?: bigint;
  readonly extensions?: readonly ExtensionArgs[];
}

export function extendedAccount(plan: ExtendedAccountPlan): ChainAccount {
  const { mint, owner, amount = 1_000n, delegate = null, closeAuthority = null, extensions = [] } = plan;
  const native = mint === NATIVE_MINT_2022;
  const encode = (reserve: bigint) =>
    getTokenEncoder().encode({
      mint,
      owner,
      amount,
      delegate,
      state: AccountState.Initialized,
      isNative: native ? reserve : null,
      delegatedAmount: delegate === null ? 0n : amount,
      closeAuthority,
      extensions: extensions.length === 0 ? null : some([...extensions]),
    });
  const reserve = rentExemption(BigInt(encode(0n).length));
  return stored(new Uint8Array(encode(reserve)), (plan.extraLamports ?? 0n) + (native ? amount : 0n));
}

/** As the program makes it: never as large as a multisig, two bytes larger then. */
function stored(data: Uint8Array, extraLamports: bigint): ChainAccount {
  const bytes = new Uint8Array(data.length === 355 ? 357 : data.length);
  bytes.set(data);
  const lamports = rentExemption(BigInt(bytes.length)) + extraLamports;
  return { owner: TOKEN_2022_PROGRAM, lamports, data: bytes };
}

export function feeConfig(
  older: { readonly basisPoints: number; readonly maximum: bigint },
  newer = older,
  authority: Address = SYSTEM_PROGRAM,
  withheldAmount = 0n,
): ExtensionArgs {
  const fee = ({ basisPoints, maximum }: typeof older, epoch: bigint) => ({
    epoch,
    maximumFee: maximum,
    transferFeeBasisPoints: basisPoints,
  });
  return {
    __kind: 'TransferFeeConfig',
    transferFeeConfigAuthority: authority,
    withdrawWithheldAuthority: authority,
    withheldAmount,
    olderTransferFee: fee(older, 0n),
    newerTransferFee: fee(newer, 0n),
  };
}

export function transferHook(programId: Address, authority: Address = SYSTEM_PROGRAM): ExtensionArgs {
  return { __kind: 'TransferHook', authority, programId };
}

const CIPHERTEXT = new Uint8Array(64);

/** One of each that a mint can have, as the published client lays them out. */
export function everyMintExtension(key: Address): readonly ExtensionArgs[] {
  return [
    feeConfig({ basisPoints: 100, maximum: 50n }, { basisPoints: 200, maximum: 20n }, key, 7n),
    { __kind: 'MintCloseAuthority', closeAuthority: key },
    { __kind: 'ConfidentialTransferMint', authority: key, autoApproveNewAccounts: true, auditorElgamalPubkey: key },
    { __kind: 'DefaultAccountState', state: AccountState.Frozen },
    { __kind: 'NonTransferable' },
    {
      __kind: 'InterestBearingConfig',
      rateAuthority: key,
      initializationTimestamp: 1n,
      preUpdateAverageRate: 2,
      lastUpdateTimestamp: 3n,
      currentRate: 4,
    },
    { __kind: 'PermanentDelegate', delegate: key },
    transferHook(key, key),
    {
      __kind: 'ConfidentialTransferFee',
      authority: key,
      elgamalPubkey: key,
      harvestToMintEnabled: true,
      withheldAmount: CIPHERTEXT,
    },
    { __kind: 'MetadataPointer', authority: key, metadataAddress: key },
    {
      __kind: 'TokenMetadata',
      updateAuthority: key,
      mint: key,
      name: 'name',
      symbol: 'symbol',
      uri: 'uri',
      additionalMetadata: new Map([['field', 'value']]),
    },
    { __kind: 'GroupPointer', authority: key, groupAddress: key },
    { __kind: 'TokenGroup', updateAuthority: key, mint: key, size: 1n, maxSize: 2n },
    { __kind: 'GroupMemberPointer', authority: key, memberAddress: key },
    { __kind: 'TokenGroupMember', mint: key, group: key, memberNumber: 1n },
    {
      __kind: 'ConfidentialMintBurn',
      confidentialSupply: CIPHERTEXT,
      decryptableSupply: CIPHERTEXT.subarray(0, 36),
      supplyElgamalPubkey: key,
      pendingBurn: CIPHERTEXT,
    },
    {
      __kind: 'ScaledUiAmountConfig',
      authority: key,
      multiplier: 1,
      newMultiplierEffectiveTimestamp: 0n,
      newMultiplier: 1,
    },
    { __kind: 'PausableConfig', authority: key, paused: false },
    { __kind: 'PermissionedBurn', authority: key },
  ];
}

/** One of each that a token account can have. */
export function everyAccountExtension(key: Address): readonly ExtensionArgs[] {
  return [
    { __kind: 'TransferFeeAmount', withheldAmount: 9n },
    {
      __kind: 'ConfidentialTransferAccount',
      approved: true,
      elgamalPubkey: key,
      pendingBalanceLow: CIPHERTEXT,
      pendingBalanceHigh: CIPHERTEXT,
      availableBalance: CIPHERTEXT,
      decryptableAvailableBalance: CIPHERTEXT.subarray(0, 36),
      allowConfidentialCredits: true,
      allowNonConfidentialCredits: true,
      pendingBalanceCreditCounter: 0n,
      maximumPendingBalanceCreditCounter: 0n,
      expectedPendingBalanceCreditCounter: 0n,
      actualPendingBalanceCreditCounter: 0n,
    },
    { __kind: 'ImmutableOwner' },
    { __kind: 'MemoTransfer', requireIncomingTransferMemos: true },
    { __kind: 'CpiGuard', lockCpi: true },
    { __kind: 'NonTransferableAccount' },
    { __kind: 'TransferHookAccount', transferring: false },
    { __kind: 'ConfidentialTransferFeeAmount', withheldAmount: CIPHERTEXT },
    { __kind: 'PausableAccount' },
  ];
}
