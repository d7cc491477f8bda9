import { createNoopSigner, type Instruction, isSignerRole, isWritableRole } from '@solana/kit';
import * as client from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../base64.ts';
import type { DecodedInstruction, KnownInstruction } from '../decoded-transaction.ts';
import { keyAddress, keyBytes } from '../testing/wire-builder.ts';
import { decodeInstruction } from './decode-instruction.ts';
import { TOKEN_2022 } from './token-2022.ts';
import { EXTENSION_TYPES } from './token-2022-readers.ts';

type Values = Readonly<Record<string, unknown>>;

/** What the client writes and reads itself, by the name of an instruction. */
const writers = client as unknown as Readonly<Record<string, (input: Values) => Instruction>>;
const readers = client as unknown as Readonly<Record<string, (instruction: Instruction) => { readonly data: Values }>>;

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
const PROOF_RECORDS = {
  equalityRecord: keyAddress(101),
  ciphertextValidityRecord: keyAddress(102),
  transferAmountCiphertextValidityRecord: keyAddress(103),
  feeSigmaRecord: keyAddress(104),
  feeCiphertextValidityRecord: keyAddress(105),
  rangeRecord: keyAddress(106),
};

/** Every argument and account that any instruction takes, each with a value of its own. */
const INPUT: Values = {
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

/** Accounts of instructions of SPL Token have the names that they have there; the rent sysvar is named as one. */
const ROLE_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  set_authority: { owned: 'account', owner: 'authority' },
  mint_to: { token: 'account', mint_authority: 'authority' },
  mint_to_checked: { token: 'account', mint_authority: 'authority' },
  freeze_account: { owner: 'authority' },
  thaw_account: { owner: 'authority' },
};
const RENT = { rent: 'rent_sysvar' };
const ARGUMENT_NAMES: Readonly<Record<string, string>> = { m: 'required_signers' };
const HOOKED = [
  'transfer_checked',
  'transfer_checked_with_fee',
  'confidential_transfer',
  'confidential_transfer_with_fee',
];

const NAMES = Object.keys(client.Token2022Instruction).filter((name) => Number.isNaN(Number(name)) && name !== 'Batch');
const WITH_PROOFS = NAMES.filter((name) => TOKEN_2022.instructions[snakeCase(name)]?.proofs !== undefined);

describe('what the published client writes is read back', () => {
  it.each(NAMES)('%s', (name) => expectReadBack(name, write(name)));

  it.each(WITH_PROOFS)('%s, its proofs in other instructions', (name) => {
    const inInstructions = Object.keys(INPUT).filter((key) => key.endsWith('ProofInstructionOffset'));
    expectReadBack(name, write(name, { ...offsets(inInstructions, 1), ...without(PROOF_RECORDS), ...SYSVAR }));
  });

  it.each(WITH_PROOFS)('%s, its range proof in another instruction', (name) => {
    const proved = { ...offsets(['rangeProofInstructionOffset'], -128), rangeRecord: undefined, ...SYSVAR };
    expectReadBack(name, write(name, proved));
  });

  it.each(NAMES)('%s, all its options none', (name) => {
    const written = write(name, { ...without(OPTIONS_NONE), field: client.tokenMetadataField('Uri') });
    expectReadBack(name, written);
  });
});

const SYSVAR = { instructionsSysvar: keyAddress(107) };

describe('what the published client writes', () => {
  it.each(NAMES)('%s is unknown with an account too few', (name) => {
    const { instruction } = write(name, { multiSigners: [], sources: [], signers: [] });
    const layout = TOKEN_2022.instructions[snakeCase(name)];
    const spare = layout?.optionalRoles?.length ?? 0;
    const accounts = (instruction.accounts ?? []).slice(0, -1 - spare);
    expect(decode({ ...instruction, accounts })).toMatchObject({
      kind: 'unknown',
      programName: 'token_2022',
      reason: expect.stringMatching(/^\w+ needs \d accounts, not \d$/),
    });
  });

  it.each(NAMES)('%s is unknown when its data are cut, and known with more behind them', (name) => {
    const { instruction } = write(name);
    const data = Uint8Array.from(instruction.data ?? []);
    const layout = TOKEN_2022.instructions[snakeCase(name)];
    const readsToEnd = ['ui_amount_to_amount', 'get_account_data_size', 'reallocate'].includes(snakeCase(name));
    if (layout?.arguments !== undefined && !readsToEnd) {
      for (let length = 0; length < data.length; length++) {
        expect(decode({ ...instruction, data: data.subarray(0, length) }).kind).toBe('unknown');
      }
    }
    const padded = decode({ ...instruction, data: Uint8Array.from([...data, 0x31, 0]) });
    if (readsToEnd && name !== 'UiAmountToAmount') expect(padded).toMatchObject({ kind: 'unknown' });
    else expect(padded).toMatchObject({ kind: 'known', name: snakeCase(name) });
  });
});

interface Written {
  readonly instruction: Instruction;
  readonly input: Values;
}

function write(name: string, changes: Values = {}): Written {
  const input: Values = { ...INPUT, multiSigners: MULTI_SIGNERS, sources: SOURCES, ...OVERRIDES[name], ...changes };
  const instruction = writers[`get${name}Instruction`]?.(input);
  if (instruction === undefined) throw new Error(`the client writes no ${name}`);
  return { instruction, input };
}

function expectReadBack(name: string, { instruction, input }: Written): void {
  const decoded = knownOrThrow(decode(instruction));
  expect(decoded.name).toBe(snakeCase(name));
  expect(decoded.accounts.map(({ role }) => role)).toEqual(expectedRoles(decoded.name, instruction, input));
  expect(decoded.accounts.map(({ address }) => address)).toEqual(instruction.accounts?.map(({ address }) => address));
  const read = readers[`parse${name}Instruction`]?.(instruction);
  if (read === undefined) throw new Error(`the client reads no ${name}`);
  const { values, texts } = expectedArguments(decoded.name, read.data);
  expect(decoded.arguments).toEqual(values);
  expect(decoded.texts).toEqual(texts);
}

/** Each address was given to the client under one name only; those of lists have numbers. */
function expectedRoles(name: string, { accounts = [] }: Instruction, input: Values): readonly string[] {
  const renamed: Readonly<Record<string, string>> = { ...RENT, ...ROLE_NAMES[name] };
  const given = new Map(Object.entries(input).map(([key, value]) => [addressOf(value), snakeCase(key)]));
  const fixed = accounts.flatMap(({ address }) => {
    const role = given.get(address);
    return role === undefined ? [] : [renamed[role] ?? role];
  });
  const further = accounts.length - fixed.length;
  const last = name.startsWith('withdraw_withheld_tokens_from_accounts') ? Number(input.numTokenAccounts) : 0;
  return [...fixed, ...numbered(furtherRole(name), further - last), ...numbered('source', last)];
}

function numbered(role: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${role}_${i}`);
}

function addressOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'address' in value ? value.address : value;
}

function furtherRole(name: string): string {
  if (name.startsWith('initialize_multisig')) return 'member';
  if (name.startsWith('harvest_withheld')) return 'source';
  return HOOKED.includes(name) ? 'multisig_signer_or_hook_account' : 'multisig_signer';
}

const TEXTS = ['ui_amount', 'name', 'symbol', 'uri', 'value', 'key'];

function expectedArguments(name: string, data: Values) {
  const values: Record<string, unknown> = {};
  const texts: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(data)) {
    if (/discriminator$/i.test(written)) continue;
    const argument = ARGUMENT_NAMES[written] ?? snakeCase(written);
    if (name === 'update_token_metadata_field' && argument === 'field') readField(value, values, texts);
    else (TEXTS.includes(argument) ? texts : values)[argument] = expectedValue(argument, value);
  }
  if (name === 'get_account_data_size') values.extension_types = [];
  return { values, texts };
}

function readField(value: unknown, values: Record<string, unknown>, texts: Record<string, unknown>): void {
  const { __kind: kind, fields } = value as { readonly __kind: string; readonly fields?: readonly string[] };
  values.field = kind.toLowerCase();
  if (fields === undefined) values.key = null;
  else texts.key = fields[0];
}

function expectedValue(argument: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '__option' in value) {
    return 'value' in value ? expectedValue(argument, value.value) : null;
  }
  if (argument === 'multiplier') return String(value);
  if (argument === 'state') return snakeCase(client.AccountState[Number(value)] ?? '');
  if (argument === 'authority_type') return snakeCase(client.AuthorityType[Number(value)] ?? '');
  if (Array.isArray(value)) return value.map((type) => snakeCase(client.ExtensionType[type] ?? ''));
  if (/pubkey$/.test(argument))
    return encodeBase64(keyBytes(ACCOUNT_NAMES.findIndex((name) => ADDRESSES[name] === value) + 1));
  if (value instanceof Uint8Array) return encodeBase64(value);
  return typeof value === 'number' ? BigInt(value) : value;
}

const OPTIONS_NONE = {
  ...{ newAuthority: 0, newUpdateAuthority: 0, programId: 0, metadataAddress: 0, groupAddress: 0, memberAddress: 0 },
  ...{ auditorElgamalPubkey: 0, start: 0 },
};

function without(names: object): Values {
  return Object.fromEntries(Object.keys(names).map((name) => [name, null]));
}

function offsets(names: readonly string[], value: number): Values {
  return Object.fromEntries(names.map((name) => [name, value]));
}

function ciphertexts(size: number, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name, i) => [name, new Uint8Array(size).map((_, at) => size + i * 7 + at)]));
}

function decode(instruction: Instruction): DecodedInstruction {
  const accounts = (instruction.accounts ?? []).map(({ address, role }) => ({
    address,
    signer: isSignerRole(role),
    writable: isWritableRole(role),
  }));
  const data = Uint8Array.from(instruction.data ?? []);
  return decodeInstruction({ index: 0, program: instruction.programAddress, accounts, data });
}

function knownOrThrow(decoded: DecodedInstruction): KnownInstruction {
  if (decoded.kind !== 'known') throw new Error(decoded.kind === 'unknown' ? decoded.reason : decoded.kind);
  return decoded;
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

it('extension types are those of the published client', () => {
  const published = Object.keys(client.ExtensionType).filter((name) => Number.isNaN(Number(name)));
  expect(EXTENSION_TYPES).toEqual(published.map(snakeCase));
});
