// Owns instructions as the published clients write them, beside what agave's nodes name them (transaction-status/src/parse_*.rs).
import { createNoopSigner, type Instruction, none, some } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { getTransferCheckedWithFeeInstruction } from '@solana-program/token-2022';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';

const [A, B, C, D, E] = [keyAddress(1), keyAddress(2), keyAddress(3), keyAddress(4), keyAddress(5)];
const [signA, signB, signC, signD] = [A, B, C, D].map((address) => createNoopSigner(address)) as [S, S, S, S];
type S = ReturnType<typeof createNoopSigner>;
const RECENT = 'SysvarRecentB1ockHashes11111111111111111111';
const RENT = 'SysvarRent111111111111111111111111111111111';
const BIG = 9_007_199_254_740_993n;
const seeds = { base: A, seed: 'säm', programAddress: E };
const parsedSeeds = { base: A, seed: 'säm', owner: E };
const TOKENS = { amount: String(BIG), decimals: 6, uiAmount: null, uiAmountString: '9007199254.740993' };
const checked = { mint: B, amount: BIG, decimals: 6 };
const members = { multisigAuthority: D, signers: [A, B] };
const multiSigners = [signA, signB];
const create = {
  source: A,
  account: B,
  wallet: C,
  mint: D,
  systemProgram: SYSTEM_PROGRAM,
  tokenProgram: TOKEN_PROGRAM,
};
const ata = { payer: signA, ata: B, owner: C, mint: D };

export type ParsedCase = readonly [type: string, info: object, instruction: Instruction];

export const PARSED_SYSTEM: readonly ParsedCase[] = [
  [
    'createAccount',
    { source: A, newAccount: B, lamports: BIG, space: 165, owner: E },
    system.getCreateAccountInstruction({
      payer: signA,
      newAccount: signB,
      lamports: BIG,
      space: 165n,
      programAddress: E,
    }),
  ],
  ['assign', { account: A, owner: E }, system.getAssignInstruction({ account: signA, programAddress: E })],
  [
    'transfer',
    { source: A, destination: B, lamports: 55 },
    system.getTransferSolInstruction({ source: signA, destination: B, amount: 55n }),
  ],
  [
    'createAccountWithSeed',
    { source: A, newAccount: B, ...parsedSeeds, lamports: 7, space: 80 },
    system.getCreateAccountWithSeedInstruction({
      payer: signA,
      newAccount: B,
      baseAccount: signA,
      ...seeds,
      amount: 7n,
      space: 80n,
    }),
  ],
  [
    'advanceNonce',
    { nonceAccount: A, recentBlockhashesSysvar: RECENT, nonceAuthority: B },
    system.getAdvanceNonceAccountInstruction({ nonceAccount: A, nonceAuthority: signB }),
  ],
  [
    'withdrawFromNonce',
    {
      nonceAccount: A,
      destination: B,
      recentBlockhashesSysvar: RECENT,
      rentSysvar: RENT,
      nonceAuthority: C,
      lamports: 9,
    },
    system.getWithdrawNonceAccountInstruction({
      nonceAccount: A,
      recipientAccount: B,
      nonceAuthority: signC,
      withdrawAmount: 9n,
    }),
  ],
  [
    'initializeNonce',
    { nonceAccount: A, recentBlockhashesSysvar: RECENT, rentSysvar: RENT, nonceAuthority: C },
    system.getInitializeNonceAccountInstruction({ nonceAccount: A, nonceAuthority: C }),
  ],
  [
    'authorizeNonce',
    { nonceAccount: A, nonceAuthority: B, newAuthorized: C },
    system.getAuthorizeNonceAccountInstruction({ nonceAccount: A, nonceAuthority: signB, newNonceAuthority: C }),
  ],
  ['allocate', { account: A, space: 90 }, system.getAllocateInstruction({ newAccount: signA, space: 90n })],
  [
    'allocateWithSeed',
    { account: B, ...parsedSeeds, space: 9 },
    system.getAllocateWithSeedInstruction({ newAccount: B, baseAccount: signA, ...seeds, space: 9n }),
  ],
  [
    'assignWithSeed',
    { account: B, ...parsedSeeds },
    system.getAssignWithSeedInstruction({ account: B, baseAccount: signA, ...seeds }),
  ],
  [
    'transferWithSeed',
    { source: A, sourceBase: B, destination: C, lamports: 4, sourceSeed: 's', sourceOwner: D },
    system.getTransferSolWithSeedInstruction({
      source: A,
      baseAccount: signB,
      destination: C,
      amount: 4n,
      fromSeed: 's',
      fromOwner: D,
    }),
  ],
  ['upgradeNonce', { nonceAccount: A }, system.getUpgradeNonceAccountInstruction({ nonceAccount: A })],
];

export const PARSED_TOKEN: readonly ParsedCase[] = [
  [
    'initializeMint',
    { mint: A, decimals: 6, mintAuthority: B, rentSysvar: RENT },
    token.getInitializeMintInstruction({ mint: A, decimals: 6, mintAuthority: B }),
  ],
  [
    'initializeAccount',
    { account: A, mint: B, owner: C, rentSysvar: RENT },
    token.getInitializeAccountInstruction({ account: A, mint: B, owner: C }),
  ],
  [
    'transfer',
    { source: A, destination: B, amount: String(BIG), authority: C },
    token.getTransferInstruction({ source: A, destination: B, authority: signC, amount: BIG }),
  ],
  [
    'transfer',
    { source: A, destination: B, amount: '5', ...members },
    token.getTransferInstruction({ source: A, destination: B, authority: D, multiSigners, amount: 5n }),
  ],
  [
    'approve',
    { source: A, delegate: B, amount: '5', owner: C },
    token.getApproveInstruction({ source: A, delegate: B, owner: signC, amount: 5n }),
  ],
  [
    'revoke',
    { source: A, multisigOwner: D, signers: [A, B] },
    token.getRevokeInstruction({ source: A, owner: D, multiSigners }),
  ],
  [
    'setAuthority',
    { account: A, authorityType: 'accountOwner', newAuthority: B, authority: C },
    token.getSetAuthorityInstruction({
      owned: A,
      owner: signC,
      authorityType: token.AuthorityType.AccountOwner,
      newAuthority: some(B),
    }),
  ],
  [
    'setAuthority',
    { mint: A, authorityType: 'mintTokens', newAuthority: null, ...members },
    token.getSetAuthorityInstruction({
      owned: A,
      owner: D,
      multiSigners,
      authorityType: token.AuthorityType.MintTokens,
      newAuthority: none(),
    }),
  ],
  [
    'mintTo',
    { mint: A, account: B, amount: '5', mintAuthority: C },
    token.getMintToInstruction({ mint: A, token: B, mintAuthority: signC, amount: 5n }),
  ],
  [
    'burn',
    { account: A, mint: B, amount: '5', authority: C },
    token.getBurnInstruction({ account: A, mint: B, authority: signC, amount: 5n }),
  ],
  [
    'closeAccount',
    { account: A, destination: B, owner: C },
    token.getCloseAccountInstruction({ account: A, destination: B, owner: signC }),
  ],
  [
    'freezeAccount',
    { account: A, mint: B, freezeAuthority: C },
    token.getFreezeAccountInstruction({ account: A, mint: B, owner: signC }),
  ],
  [
    'thawAccount',
    { account: A, mint: B, multisigFreezeAuthority: D, signers: [A, B] },
    token.getThawAccountInstruction({ account: A, mint: B, owner: D, multiSigners }),
  ],
  [
    'transferChecked',
    { source: A, mint: B, destination: C, tokenAmount: TOKENS, authority: D },
    token.getTransferCheckedInstruction({ source: A, ...checked, destination: C, authority: signD }),
  ],
  [
    'approveChecked',
    { source: A, mint: B, delegate: C, tokenAmount: TOKENS, owner: D },
    token.getApproveCheckedInstruction({ source: A, ...checked, delegate: C, owner: signD }),
  ],
  [
    'mintToChecked',
    { mint: B, account: A, tokenAmount: TOKENS, mintAuthority: D },
    token.getMintToCheckedInstruction({ ...checked, token: A, mintAuthority: signD }),
  ],
  [
    'burnChecked',
    { account: A, mint: B, tokenAmount: TOKENS, authority: D },
    token.getBurnCheckedInstruction({ account: A, ...checked, authority: signD }),
  ],
  [
    'initializeAccount2',
    { account: A, mint: B, owner: C, rentSysvar: RENT },
    token.getInitializeAccount2Instruction({ account: A, mint: B, owner: C }),
  ],
  [
    'syncNative',
    { account: A },
    { ...token.getSyncNativeInstruction({ account: A }), accounts: [{ address: A, role: 1 }] },
  ],
  [
    'initializeAccount3',
    { account: A, mint: B, owner: C },
    token.getInitializeAccount3Instruction({ account: A, mint: B, owner: C }),
  ],
  [
    'initializeMint2',
    { mint: A, decimals: 0, mintAuthority: B, freezeAuthority: C },
    token.getInitializeMint2Instruction({ mint: A, decimals: 0, mintAuthority: B, freezeAuthority: some(C) }),
  ],
  ['getAccountDataSize', { mint: A }, token.getGetAccountDataSizeInstruction({ mint: A })],
  ['initializeImmutableOwner', { account: A }, token.getInitializeImmutableOwnerInstruction({ account: A })],
  ['amountToUiAmount', { mint: A, amount: '77' }, token.getAmountToUiAmountInstruction({ mint: A, amount: 77n })],
  [
    'uiAmountToAmount',
    { mint: A, uiAmount: '0.77' },
    token.getUiAmountToAmountInstruction({ mint: A, uiAmount: '0.77' }),
  ],
  [
    'withdrawExcessLamports',
    { source: A, destination: B, authority: C },
    token.getWithdrawExcessLamportsInstruction({ source: A, destination: B, authority: signC }),
  ],
];

export const PARSED_TOKEN_2022: readonly ParsedCase[] = [
  [
    'transferCheckedWithFee',
    { source: A, mint: B, destination: C, tokenAmount: TOKENS, feeAmount: { ...TOKENS, amount: '12' }, authority: D },
    getTransferCheckedWithFeeInstruction({ source: A, ...checked, destination: C, authority: signD, fee: 12n }),
  ],
];

export const PARSED_ASSOCIATED: readonly ParsedCase[] = [
  ['create', create, token.getCreateAssociatedTokenInstruction(ata)],
  ['createIdempotent', create, token.getCreateAssociatedTokenIdempotentInstruction(ata)],
  [
    'recoverNested',
    {
      nestedSource: A,
      nestedMint: B,
      destination: C,
      nestedOwner: D,
      ownerMint: E,
      wallet: A,
      tokenProgram: TOKEN_PROGRAM,
    },
    token.getRecoverNestedAssociatedTokenInstruction({
      nestedAssociatedAccountAddress: A,
      nestedTokenMintAddress: B,
      destinationAssociatedAccountAddress: C,
      ownerAssociatedAccountAddress: D,
      ownerTokenMintAddress: E,
      walletAddress: signA,
    }),
  ],
];
