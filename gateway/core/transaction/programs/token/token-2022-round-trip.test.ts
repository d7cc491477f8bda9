import type { Instruction } from '@solana/kit';
import * as client from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { decodeBase58 } from '../../../base58.ts';
import { encodeBase64 } from '../../../base64.ts';
import type { DecodedInstruction, KnownInstruction } from '../../decoded-transaction.ts';
import { decodeWritten } from '../../testing/decode-written.ts';
import { INPUT, PROOF_RECORDS, type Values, type Written, writeToken2022 } from '../../testing/token-2022-writer.ts';
import { keyAddress } from '../../testing/wire-builder.ts';
import { TOKEN_2022 } from './token-2022.ts';
import { EXTENSION_TYPES } from './token-2022-extensions.ts';

/** What the client reads itself, by the name of an instruction. */
const readers = client as unknown as Readonly<Record<string, (instruction: Instruction) => { readonly data: Values }>>;

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
  it.each(NAMES)('%s', (name) => expectReadBack(name, writeToken2022(name)));

  it.each(WITH_PROOFS)('%s, its proofs in other instructions', (name) => {
    const inInstructions = Object.keys(INPUT).filter((key) => key.endsWith('ProofInstructionOffset'));
    expectReadBack(name, writeToken2022(name, { ...offsets(inInstructions, 1), ...without(PROOF_RECORDS), ...SYSVAR }));
  });

  it.each(WITH_PROOFS)('%s, its range proof in another instruction', (name) => {
    const proved = { ...offsets(['rangeProofInstructionOffset'], -128), rangeRecord: undefined, ...SYSVAR };
    expectReadBack(name, writeToken2022(name, proved));
  });

  it.each(NAMES)('%s, all its options none', (name) => {
    const written = writeToken2022(name, { ...without(OPTIONS_NONE), field: client.tokenMetadataField('Uri') });
    expectReadBack(name, written);
  });
});

const SYSVAR = { instructionsSysvar: keyAddress(107) };

describe('what the published client writes', () => {
  it.each(NAMES)('%s is unknown with an account too few', (name) => {
    const { instruction } = writeToken2022(name, { multiSigners: [], sources: [], signers: [] });
    const layout = TOKEN_2022.instructions[snakeCase(name)];
    const spare = layout?.optionalRoles?.length ?? 0;
    const accounts = (instruction.accounts ?? []).slice(0, -1 - spare);
    expect(decodeWritten({ ...instruction, accounts })).toMatchObject({
      kind: 'unknown',
      programName: 'token_2022',
      reason: expect.stringMatching(/^\w+ needs \d accounts, not \d$/),
    });
  });

  it.each(NAMES)('%s is unknown when its data are cut, and known with more behind them', (name) => {
    const { instruction } = writeToken2022(name);
    const data = Uint8Array.from(instruction.data ?? []);
    const layout = TOKEN_2022.instructions[snakeCase(name)];
    const readsToEnd = ['ui_amount_to_amount', 'get_account_data_size', 'reallocate'].includes(snakeCase(name));
    if (layout?.arguments !== undefined && !readsToEnd) {
      for (let length = 0; length < data.length; length++) {
        expect(decodeWritten({ ...instruction, data: data.subarray(0, length) }).kind).toBe('unknown');
      }
    }
    const padded = decodeWritten({ ...instruction, data: Uint8Array.from([...data, 0x31, 0]) });
    if (readsToEnd && name !== 'UiAmountToAmount') expect(padded).toMatchObject({ kind: 'unknown' });
    else expect(padded).toMatchObject({ kind: 'known', name: snakeCase(name) });
  });
});

function expectReadBack(name: string, { instruction, input }: Written): void {
  const decoded = knownOrThrow(decodeWritten(instruction));
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
  if (/pubkey$/.test(argument)) return encodeBase64(decodeBase58(String(value)) ?? new Uint8Array());
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
