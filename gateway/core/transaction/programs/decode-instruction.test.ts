import * as kitBudget from '@solana-program/compute-budget';
import * as kitSystem from '@solana-program/system';
import * as kitToken from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { keyAddress, keyBytes } from '../testing/wire-builder.ts';
import { decodeInstruction } from './decode-instruction.ts';
import {
  COMPUTE_BUDGET_PROGRAM,
  MEMO_PROGRAM_V1,
  MEMO_PROGRAM_V2,
  MEMO_PROGRAM_V4,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from './program-ids.ts';

const U64_MAX = new Array<number>(8).fill(255);
const SEED = [2, 0, 0, 0, 0, 0, 0, 0, 0x68, 0x69];

/** Discriminators that the published clients know, by their constant's name. */
function discriminators(client: object): ReadonlyMap<string, number> {
  const entries = Object.entries(client).filter(([name]) => name.endsWith('_DISCRIMINATOR'));
  return new Map(entries.map(([name, value]) => [name.replace('_DISCRIMINATOR', '').toLowerCase(), Number(value)]));
}

/** Names that the clients spell otherwise, or that are no longer executed. */
const RENAMED: Readonly<Record<string, string>> = {
  transfer_sol: 'transfer',
  transfer_sol_with_seed: 'transfer_with_seed',
  create_associated_token: 'create',
  create_associated_token_idempotent: 'create_idempotent',
  recover_nested_associated_token: 'recover_nested',
};

/** Zeros that every layout of the program can be read from, behind an opcode. */
const FILLER = new Array<number>(120).fill(0);

describe('opcodes', () => {
  it('of System are those of the published client, and no others are known', () => {
    const known = discriminators(kitSystem);
    const decoded = names(SYSTEM_PROGRAM, (opcode) => [opcode, 0, 0, 0, ...FILLER]);
    expect(decoded).toEqual(inverted(known));
    expect(decode(SYSTEM_PROGRAM, [0, 0, 0, 1, ...FILLER], 8)).toMatchObject({ kind: 'unknown' });
  });

  it('of SPL Token are those of the published client, and no others are known', () => {
    const associated = new Set([
      'create_associated_token',
      'create_associated_token_idempotent',
      'recover_nested_associated_token',
    ]);
    const known = [...discriminators(kitToken)].filter(([name]) => !associated.has(name) && name !== 'batch');
    // An empty batch is not executed, so 255 with zeros behind it is not known.
    expect(names(TOKEN_PROGRAM, (opcode) => [opcode, ...FILLER])).toEqual(inverted(new Map(known)));
  });

  it('of Compute Budget are those of the published client without the removed one', () => {
    const known = new Map(discriminators(kitBudget));
    known.delete('request_units');
    expect(names(COMPUTE_BUDGET_PROGRAM, (opcode) => [opcode, ...FILLER])).toEqual(inverted(known));
  });
});

describe('System', () => {
  it('reads what a derived account is derived from', () => {
    const data = [3, 0, 0, 0, ...keyBytes(7), ...SEED, ...U64_MAX, ...U64_MAX, ...keyBytes(8)];
    expect(decode(SYSTEM_PROGRAM, data, 2)).toMatchObject({
      name: 'create_account_with_seed',
      arguments: {
        base: keyAddress(7),
        lamports: 2n ** 64n - 1n,
        space: 2n ** 64n - 1n,
        program: keyAddress(8),
      },
      texts: { seed: 'hi' },
    });
  });

  it('knows the reversed accounts of create_account_allow_prefund, and needs its payer only for lamports', () => {
    const data = (lamports: number) => [13, 0, 0, 0, lamports, ...new Array(15).fill(0), ...keyBytes(8)];
    expect(roles(decode(SYSTEM_PROGRAM, data(1), 2))).toEqual(['new_account', 'payer']);
    expect(decode(SYSTEM_PROGRAM, data(0), 1)).toMatchObject({ kind: 'known' });
    expect(decode(SYSTEM_PROGRAM, data(1), 1)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('payer'),
    });
  });

  it.each([
    ['of invalid UTF-8', [1, 0, 0, 0, 0, 0, 0, 0, 0xff]],
    ['longer than the data', U64_MAX],
  ])('does not read a seed %s', (_what, seed) => {
    const data = [10, 0, 0, 0, ...keyBytes(7), ...seed, ...keyBytes(8)];
    expect(decode(SYSTEM_PROGRAM, data, 2)).toMatchObject({ kind: 'unknown', programName: 'system' });
  });
});

describe('SPL Token', () => {
  it('keeps trailing data and names further accounts as members of a multisig', () => {
    const decoded = decode(TOKEN_PROGRAM, [3, ...U64_MAX, 1, 2, 3], 5);
    expect(decoded).toMatchObject({ kind: 'known', name: 'transfer', arguments: { amount: 2n ** 64n - 1n } });
    expect(roles(decoded)).toEqual(['source', 'destination', 'authority', 'multisig_signer_0', 'multisig_signer_1']);
  });

  it('reads an option that is none, one that is some, and no other', () => {
    const setAuthority = (tag: number) => decode(TOKEN_PROGRAM, [6, 2, tag, ...keyBytes(5)], 2);
    expect(setAuthority(0)).toMatchObject({ arguments: { authority_type: 'account_owner', new_authority: null } });
    expect(setAuthority(1)).toMatchObject({ arguments: { new_authority: keyAddress(5) } });
    expect(setAuthority(2)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('0 or 1') });
    expect(decode(TOKEN_PROGRAM, [6, 4, 0], 2)).toMatchObject({ kind: 'unknown' });
    expect(decode(TOKEN_PROGRAM, [45, 1, ...U64_MAX], 3)).toMatchObject({ arguments: { amount: 2n ** 64n - 1n } });
  });

  it('is unknown with short data, too few accounts or none at all', () => {
    expect(decode(TOKEN_PROGRAM, [3, 1, 2], 3)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('too short'),
    });
    expect(decode(TOKEN_PROGRAM, [3, ...U64_MAX], 2)).toMatchObject({ reason: 'transfer needs 3 accounts, not 2' });
    expect(decode(TOKEN_PROGRAM, [], 3)).toMatchObject({ kind: 'unknown', programName: 'spl_token' });
  });

  it('names every part of a batch, and its accounts by part', () => {
    const decoded = decode(TOKEN_PROGRAM, [255, 3, 9, 3, ...U64_MAX, 2, 1, 5], 6);
    expect(decoded).toMatchObject({
      kind: 'known',
      name: 'batch',
      parts: [{ name: 'transfer', arguments: { amount: 2n ** 64n - 1n } }, { name: 'revoke' }],
    });
    const parts = ['part_0_source', 'part_0_destination', 'part_0_authority', 'part_1_source', 'part_1_owner'];
    expect(roles(decoded)).toEqual([...parts, 'extra_0']);
  });

  it.each([
    ['no part', [255], 3],
    ['a part without data', [255, 3, 0], 3],
    ['a part cut short', [255, 3, 9, 3, 1], 3],
    ['accounts that are not there', [255, 3, 9, 3, ...U64_MAX], 2],
    ['a part of an unknown opcode', [255, 0, 1, 99], 0],
    ['a batch', [255, 3, 12, 255, 3, 9, 3, ...U64_MAX], 3],
    ['half a header at its end', [255, 3, 9, 3, ...U64_MAX, 1], 4],
  ])('is unknown for a batch with %s', (_what, data, accounts) => {
    expect(decode(TOKEN_PROGRAM, data, accounts)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('batch'),
    });
  });
});

describe('Memo and the unknown', () => {
  it.each([MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4])('reads the text of %s', (program) => {
    expect(decode(program, [0xc3, 0xa9], 1)).toMatchObject({ programName: 'memo', texts: { text: 'é' } });
    expect(decode(program, [0xff], 0)).toMatchObject({ kind: 'unknown', reason: 'add_memo: text is not valid UTF-8' });
  });

  it('keeps accounts and data of a program that it does not know', () => {
    const decoded = decode(keyAddress(66), [1, 2], 2);
    expect(decoded).toMatchObject({
      kind: 'unknown',
      programName: null,
      accounts: references(2),
      data: Uint8Array.of(1, 2),
    });
  });
});

function references(count: number) {
  return Array.from({ length: count }, (_, i) => ({ address: keyAddress(100 + i), signer: i === 2, writable: true }));
}

function decode(program: Address, data: readonly number[], accounts: number): DecodedInstruction {
  return decodeInstruction({ index: 0, program, accounts: references(accounts), data: Uint8Array.from(data) });
}

function roles(decoded: DecodedInstruction): readonly string[] {
  return decoded.kind === 'known' ? decoded.accounts.map(({ role }) => role) : [];
}

/** Opcode → name of everything that decodes with enough accounts and data. */
function names(program: Address, data: (opcode: number) => readonly number[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (let opcode = 0; opcode < 256; opcode++) {
    const decoded = decode(program, data(opcode), 8);
    if (decoded.kind === 'known') found.set(opcode, decoded.name);
  }
  return found;
}

function inverted(known: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  return new Map(
    [...known].map(([name, opcode]) => [opcode, RENAMED[name] ?? name] as const).sort(([a], [b]) => a - b),
  );
}
