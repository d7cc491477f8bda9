// Owns writing every instruction of Token-2022 with its published client, each argument and account a value of its own.
import { createNoopSigner, type Instruction } from '@solana/kit';
import * as client from '@solana-program/token-2022';
import { keyAddress } from './wire-builder.ts';

export type Values = Readonly<Record<string, unknown>>;

/** By the name of an instruction. */
const writers = client as unknown as Readonly<Record<string, (input: Values) => Instruction>>;

const ACCOUNT_NAMES = [
  ...['account', 'authority', 'closeAuthority', 'delegate', 'destination', 'destinationToken', 'elgamalRegistry'],
  ...['feeReceiver', 'freezeAuthority', 'group', 'groupMemberPointerAuthority', 'groupPointerAuthority'],
  ...['instructionsSysvarOrContextState', 'member', 'memberMint', 'metadata', 'metadataPointerAuthority', 'mint'],
  ...['multisig', 'nativeMint', 'owned', 'owner', 'permissionedBurnAuthority', 'rateAuthority', 'rent', 'source'],
  ...['sourceToken', 'systemProgram', 'token', 'transferFeeConfigAuthority', 'withdrawWithheldAuthority'],
  ...['mintAuthority', 'updateAuthority', 'groupUpdateAuthority', 'memberMintAuthority', 'payer'],
  ...['newAuthority', 'newUpdateAuthority', 'programId', 'metadataAddress', 'groupAddress', 'memberAddress'],
  ...[
    'auditorElgamalPubkey',
    'supplyElgamalPubkey',
    'newSupplyElgamalPubkey',
    'withdrawWithheldAuthorityElGamalPubkey',
  ],
];
const ADDRESSES = Object.fromEntries(ACCOUNT_NAMES.map((name, i) => [name, keyAddress(i + 1)]));
const signer = (number: number) => createNoopSigner(keyAddress(number));
export const PROOF_RECORDS = {
  equalityRecord: keyAddress(101),
  ciphertextValidityRecord: keyAddress(102),
  transferAmountCiphertextValidityRecord: keyAddress(103),
  feeSigmaRecord: keyAddress(104),
  feeCiphertextValidityRecord: keyAddress(105),
  rangeRecord: keyAddress(106),
};

/** Every argument and account that any instruction takes, each with a value of its own. */
export const INPUT: Values = {
  ...ADDRESSES,
  ...PROOF_RECORDS,
  amount: 2n ** 64n - 3n,
  decimals: 9,
  fee: 77n,
  m: 2,
  transferFeeBasisPoints: 1234,
  maximumFee: 2n ** 63n + 1n,
  numTokenAccounts: 2,
  transferFeeConfigAuthority: keyAddress(91),
  authorityType: client.AuthorityType.PermissionedBurn,
  state: client.AccountState.Frozen,
  rate: -321,
  multiplier: 1.0000000000000002,
  effectiveTimestamp: -5n,
  autoApproveNewAccounts: true,
  maximumPendingBalanceCreditCounter: 65_537n,
  expectedPendingBalanceCreditCounter: 65_538n,
  ...ciphertexts(36, ['decryptableZeroBalance', 'newDecryptableAvailableBalance', 'decryptableSupply']),
  ...ciphertexts(36, ['newSourceDecryptableAvailableBalance', 'newDecryptableSupply']),
  ...ciphertexts(64, ['transferAmountAuditorCiphertextLo', 'transferAmountAuditorCiphertextHi']),
  ...ciphertexts(64, ['mintAmountAuditorCiphertextLo', 'mintAmountAuditorCiphertextHi']),
  ...ciphertexts(64, ['burnAmountAuditorCiphertextLo', 'burnAmountAuditorCiphertextHi']),
  proofInstructionOffset: -1,
  equalityProofInstructionOffset: 0,
  ciphertextValidityProofInstructionOffset: 0,
  transferAmountCiphertextValidityProofInstructionOffset: 0,
  feeSigmaProofInstructionOffset: 0,
  feeCiphertextValidityProofInstructionOffset: 0,
  rangeProofInstructionOffset: 0,
  uiAmount: '12.5',
  newExtensionTypes: [client.ExtensionType.CpiGuard, client.ExtensionType.PermissionedBurn],
  name: 'Tether é',
  symbol: 'USDT',
  uri: 'https://example.org',
  field: client.tokenMetadataField('Key', ['colour']),
  value: 'blue',
  idempotent: true,
  key: 'shape',
  start: 3n,
  end: null,
  maxSize: 99n,
};

const MULTI_SIGNERS = [signer(201), signer(202)];
const SOURCES = [keyAddress(211), keyAddress(212)];

/** Where the client wants a signer, or the same name means an account here and an argument there. */
const OVERRIDES: Readonly<Record<string, Values>> = {
  InitializeTokenMetadata: { mintAuthority: signer(231) },
  InitializeTokenGroup: { mintAuthority: signer(231) },
  InitializeTokenGroupMember: {
    memberMintAuthority: signer(232),
    groupUpdateAuthority: signer(233),
  },
  UpdateTokenMetadataField: { updateAuthority: signer(234) },
  RemoveTokenMetadataKey: { updateAuthority: signer(234) },
  UpdateTokenMetadataUpdateAuthority: { updateAuthority: signer(234) },
  UpdateTokenGroupMaxSize: { updateAuthority: signer(234) },
  UpdateTokenGroupUpdateAuthority: { updateAuthority: signer(234) },
  CreateNativeMint: { payer: signer(235) },
  Reallocate: { payer: signer(235) },
  ConfigureConfidentialTransferAccountWithRegistry: { payer: signer(235) },
  ApproveConfidentialTransferAccount: { authority: signer(236) },
  UpdateConfidentialTransferMint: { authority: signer(236) },
  PermissionedBurn: { permissionedBurnAuthority: signer(237) },
  PermissionedBurnChecked: { permissionedBurnAuthority: signer(237) },
  PermissionedConfidentialBurn: { permissionedBurnAuthority: signer(237) },
  InitializeMultisig: { signers: SOURCES },
  InitializeMultisig2: { signers: SOURCES },
};

export interface Written {
  readonly instruction: Instruction;
  readonly input: Values;
}

export function writeToken2022(name: string, changes: Values = {}): Written {
  const input: Values = { ...INPUT, multiSigners: MULTI_SIGNERS, sources: SOURCES, ...OVERRIDES[name], ...changes };
  const instruction = writers[`get${name}Instruction`]?.(input);
  if (instruction === undefined) throw new Error(`the client writes no ${name}`);
  return { instruction, input };
}

function ciphertexts(size: number, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name, i) => [name, new Uint8Array(size).map((_, at) => size + i * 7 + at)]));
}
