// Owns how a node names the instructions of the programs that it knows (agave, transaction-status/src/parse_*.rs), with where
// each field stood. What is in no table is not read.
import type { Address } from '../address.ts';
import {
  ASSOCIATED_TOKEN_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import { address, inside, oneOf, optionalAddress, seed, text, u8, u64, type WriteField } from './parsed-data.ts';

export interface ParsedRow {
  readonly opcode: readonly number[];
  /** Names of the accounts in order; `a|b`: by whichever name is there. */
  readonly accounts: readonly string[];
  /** Name of the authority that follows, and its name where it is a multisig or accounts follow it; these are `signers`. */
  readonly authority?: readonly [string, string];
  readonly data?: readonly WriteField[];
}

type ParsedTable = Readonly<Record<string, ParsedRow>>;

function u32Opcode(opcode: number): readonly number[] {
  return [opcode, 0, 0, 0];
}

const NEW_ACCOUNT = [u64('lamports'), u64('space'), address('owner')];

const SYSTEM: ParsedTable = {
  createAccount: { opcode: u32Opcode(0), accounts: ['source', 'newAccount'], data: NEW_ACCOUNT },
  assign: { opcode: u32Opcode(1), accounts: ['account'], data: [address('owner')] },
  transfer: { opcode: u32Opcode(2), accounts: ['source', 'destination'], data: [u64('lamports')] },
  createAccountWithSeed: {
    opcode: u32Opcode(3),
    accounts: ['source', 'newAccount', 'base'],
    data: [address('base'), seed('seed'), ...NEW_ACCOUNT],
  },
  advanceNonce: { opcode: u32Opcode(4), accounts: ['nonceAccount', 'recentBlockhashesSysvar', 'nonceAuthority'] },
  withdrawFromNonce: {
    opcode: u32Opcode(5),
    accounts: ['nonceAccount', 'destination', 'recentBlockhashesSysvar', 'rentSysvar', 'nonceAuthority'],
    data: [u64('lamports')],
  },
  initializeNonce: {
    opcode: u32Opcode(6),
    accounts: ['nonceAccount', 'recentBlockhashesSysvar', 'rentSysvar'],
    data: [address('nonceAuthority')],
  },
  authorizeNonce: {
    opcode: u32Opcode(7),
    accounts: ['nonceAccount', 'nonceAuthority'],
    data: [address('newAuthorized')],
  },
  allocate: { opcode: u32Opcode(8), accounts: ['account'], data: [u64('space')] },
  allocateWithSeed: {
    opcode: u32Opcode(9),
    accounts: ['account', 'base'],
    data: [address('base'), seed('seed'), u64('space'), address('owner')],
  },
  assignWithSeed: {
    opcode: u32Opcode(10),
    accounts: ['account', 'base'],
    data: [address('base'), seed('seed'), address('owner')],
  },
  transferWithSeed: {
    opcode: u32Opcode(11),
    accounts: ['source', 'sourceBase', 'destination'],
    data: [u64('lamports'), seed('sourceSeed'), address('sourceOwner')],
  },
  upgradeNonce: { opcode: u32Opcode(12), accounts: ['nonceAccount'] },
};

const AUTHORITY = ['authority', 'multisigAuthority'] as const;
const OWNER = ['owner', 'multisigOwner'] as const;
const MINT_AUTHORITY = ['mintAuthority', 'multisigMintAuthority'] as const;
const FREEZE_AUTHORITY = ['freezeAuthority', 'multisigFreezeAuthority'] as const;
const AMOUNT = [u64('amount')];
const CHECKED = [inside('tokenAmount', u64('amount')), inside('tokenAmount', u8('decimals'))];
const NEW_MINT = [u8('decimals'), address('mintAuthority'), optionalAddress('freezeAuthority')];
/** In the order of their numbers. */
const AUTHORITY_TYPES = [
  'mintTokens',
  'freezeAccount',
  'accountOwner',
  'closeAccount',
  'transferFeeConfig',
  'withheldWithdraw',
  'closeMint',
  'interestRate',
  'permanentDelegate',
  'confidentialTransferMint',
  'transferHookProgramId',
  'confidentialTransferFeeConfig',
  'metadataPointer',
  'groupPointer',
  'groupMemberPointer',
  'scaledUiAmount',
  'pause',
  'permissionedBurn',
];

/** Of both token programs. Of the extensions only what moves tokens in the calls of other programs. */
const TOKEN: ParsedTable = {
  initializeMint: { opcode: [0], accounts: ['mint', 'rentSysvar'], data: NEW_MINT },
  initializeAccount: { opcode: [1], accounts: ['account', 'mint', 'owner', 'rentSysvar'] },
  transfer: { opcode: [3], accounts: ['source', 'destination'], authority: AUTHORITY, data: AMOUNT },
  approve: { opcode: [4], accounts: ['source', 'delegate'], authority: OWNER, data: AMOUNT },
  revoke: { opcode: [5], accounts: ['source'], authority: OWNER },
  setAuthority: {
    opcode: [6],
    accounts: ['account|mint'],
    authority: AUTHORITY,
    data: [oneOf('authorityType', AUTHORITY_TYPES), optionalAddress('newAuthority')],
  },
  mintTo: { opcode: [7], accounts: ['mint', 'account'], authority: MINT_AUTHORITY, data: AMOUNT },
  burn: { opcode: [8], accounts: ['account', 'mint'], authority: AUTHORITY, data: AMOUNT },
  closeAccount: { opcode: [9], accounts: ['account', 'destination'], authority: OWNER },
  freezeAccount: { opcode: [10], accounts: ['account', 'mint'], authority: FREEZE_AUTHORITY },
  thawAccount: { opcode: [11], accounts: ['account', 'mint'], authority: FREEZE_AUTHORITY },
  transferChecked: {
    opcode: [12],
    accounts: ['source', 'mint', 'destination'],
    authority: AUTHORITY,
    data: CHECKED,
  },
  approveChecked: { opcode: [13], accounts: ['source', 'mint', 'delegate'], authority: OWNER, data: CHECKED },
  mintToChecked: { opcode: [14], accounts: ['mint', 'account'], authority: MINT_AUTHORITY, data: CHECKED },
  burnChecked: { opcode: [15], accounts: ['account', 'mint'], authority: AUTHORITY, data: CHECKED },
  initializeAccount2: { opcode: [16], accounts: ['account', 'mint', 'rentSysvar'], data: [address('owner')] },
  syncNative: { opcode: [17], accounts: ['account'] },
  initializeAccount3: { opcode: [18], accounts: ['account', 'mint'], data: [address('owner')] },
  initializeMint2: { opcode: [20], accounts: ['mint'], data: NEW_MINT },
  getAccountDataSize: { opcode: [21], accounts: ['mint'] },
  initializeImmutableOwner: { opcode: [22], accounts: ['account'] },
  amountToUiAmount: { opcode: [23], accounts: ['mint'], data: AMOUNT },
  uiAmountToAmount: { opcode: [24], accounts: ['mint'], data: [text('uiAmount')] },
  transferCheckedWithFee: {
    opcode: [26, 1],
    accounts: ['source', 'mint', 'destination'],
    authority: AUTHORITY,
    data: [...CHECKED, inside('feeAmount', u64('amount'))],
  },
  withdrawExcessLamports: { opcode: [38], accounts: ['source', 'destination'], authority: AUTHORITY },
};

const CREATE_ASSOCIATED = ['source', 'account', 'wallet', 'mint', 'systemProgram', 'tokenProgram'];

const ASSOCIATED_TOKEN: ParsedTable = {
  create: { opcode: [0], accounts: CREATE_ASSOCIATED },
  createIdempotent: { opcode: [1], accounts: CREATE_ASSOCIATED },
  recoverNested: {
    opcode: [2],
    accounts: ['nestedSource', 'nestedMint', 'destination', 'nestedOwner', 'ownerMint', 'wallet', 'tokenProgram'],
  },
};

export const PARSED_TABLES: ReadonlyMap<Address, ParsedTable> = new Map([
  [SYSTEM_PROGRAM, SYSTEM],
  [TOKEN_PROGRAM, TOKEN],
  [TOKEN_2022_PROGRAM, TOKEN],
  [ASSOCIATED_TOKEN_PROGRAM, ASSOCIATED_TOKEN],
]);
