import { describe, expect, it } from 'vitest';
import type { AccountReference, DecodedInstruction } from '../../decoded-transaction.ts';
import { keyAddress, keyBytes } from '../../testing/wire-builder.ts';
import { decodeInstruction } from '../decode-instruction.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../program-ids.ts';
import { TOKEN_2022 } from './token-2022.ts';

const U64_MAX = new Array<number>(8).fill(255);
const NO_ADDRESS = new Array<number>(32).fill(0);
const zeros = (count: number) => new Array<number>(count).fill(0);
const UPDATE_FIELD = [221, 233, 49, 45, 181, 202, 220, 200];
const REMOVE_KEY = [234, 18, 32, 56, 89, 141, 37, 181];

/** `signers`: the places of accounts that sign. */
function decode(data: readonly number[], count: number, signers: readonly number[] = [], program = TOKEN_2022_PROGRAM) {
  const accounts: readonly AccountReference[] = Array.from({ length: count }, (_, i) => ({
    address: keyAddress(100 + i),
    signer: signers.includes(i),
    writable: true,
  }));
  return decodeInstruction({ index: 0, program, accounts, data: Uint8Array.from(data) });
}

function roles(decoded: DecodedInstruction): readonly string[] {
  return decoded.kind === 'known' ? decoded.accounts.map(({ role }) => role) : [];
}

describe('opcodes', () => {
  it('that are known are those of the table, whatever stands behind them', () => {
    const found = new Set<string>();
    const accounts = Array.from({ length: 12 }, (_, i) => ({ address: keyAddress(i), signer: false, writable: true }));
    for (const filler of [0, 1]) {
      const data = new Uint8Array(303).fill(filler);
      for (let opcodes = 0; opcodes < 0x1_0000; opcodes++) {
        data[0] = opcodes >> 8;
        data[1] = opcodes;
        const decoded = TOKEN_2022.decode({ index: 0, program: TOKEN_2022_PROGRAM, accounts, data });
        if (decoded.kind === 'known') found.add(decoded.name);
      }
    }
    const { batch: _, ...single } = TOKEN_2022.instructions;
    const withoutInterfaces = Object.entries(single).filter(([, { discriminator }]) => discriminator === undefined);
    expect([...found].sort()).toEqual(withoutInterfaces.map(([name]) => name).sort());
  });

  it('with a second one need it, and say both when it is not known', () => {
    expect(decode([27], 9)).toMatchObject({ kind: 'unknown', reason: 'no second opcode behind 27' });
    expect(decode([27, 15, ...zeros(300)], 9)).toMatchObject({ kind: 'unknown', reason: 'opcode 27, 15 is not known' });
    expect(decode([47, ...zeros(300)], 9)).toMatchObject({ kind: 'unknown', reason: 'opcode 47 is not known' });
    expect(decode([], 9)).toMatchObject({ kind: 'unknown', programName: 'token_2022' });
  });

  it('of eight bytes are known only when all eight are right', () => {
    const data = [...REMOVE_KEY, 0, 0, 0, 0, 0];
    expect(decode(data, 2)).toMatchObject({ name: 'remove_token_metadata_key' });
    for (let at = 1; at < 8; at++) {
      expect(decode(data.with(at, (data[at] ?? 0) ^ 1), 2)).toMatchObject({ kind: 'unknown' });
    }
  });

  it('of Token-2022 are not known under SPL Token', () => {
    expect(decode([29, 7, 0], 4, [], TOKEN_PROGRAM)).toMatchObject({ kind: 'unknown', programName: 'spl_token' });
    expect(decode([6, 4, 0], 2, [], TOKEN_PROGRAM)).toMatchObject({ kind: 'unknown' });
    expect(decode([6, 4, 0], 2)).toMatchObject({ arguments: { authority_type: 'transfer_fee_config' } });
    expect(decode([6, 18, 0], 2)).toMatchObject({ kind: 'unknown' });
  });
});

describe('arguments', () => {
  it('that may be none have a tag in some instructions, and are all zeros in others', () => {
    expect(decode([25, 0], 1)).toMatchObject({ arguments: { close_authority: null } });
    expect(decode([25, 1, ...NO_ADDRESS], 1)).toMatchObject({ arguments: { close_authority: expect.any(String) } });
    expect(decode([25, 2, ...keyBytes(5)], 1)).toMatchObject({ kind: 'unknown' });
    expect(decode([36, 0, ...NO_ADDRESS, ...keyBytes(5)], 1)).toMatchObject({
      arguments: { authority: null, program_id: keyAddress(5) },
    });
    expect(decode([36, 1, ...NO_ADDRESS.with(31, 1)], 2)).toMatchObject({
      arguments: { program_id: expect.any(String) },
    });
  });

  it('that are lists of extensions go to the end of the data: half of one, or one that is not known, and none is', () => {
    expect(decode([29], 4)).toMatchObject({ arguments: { new_extension_types: [] } });
    expect(decode([29, 8, 0, 11, 0], 4)).toMatchObject({
      arguments: { new_extension_types: ['memo_transfer', 'cpi_guard'] },
    });
    expect(decode([29, 8, 0, 11], 4)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('too short') });
    expect(decode([29, 29, 0], 4)).toMatchObject({
      kind: 'unknown',
      reason: 'reallocate: the extension 29 is not known',
    });
    expect(decode([21, 7, 0], 1)).toMatchObject({ arguments: { extension_types: ['immutable_owner'] } });
  });

  it.each([
    ['zero', 0],
    ['negative zero', -0],
    ['negative', -1],
    ['subnormal', 2 ** -1023],
    ['infinite', Number.POSITIVE_INFINITY],
    ['no number', Number.NaN],
  ])('that are a multiplier are refused by the program when %s', (_what, value) => {
    const bytes = [...new Uint8Array(Float64Array.of(value).buffer)];
    expect(decode([43, 0, ...NO_ADDRESS, ...bytes], 1)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('positive normal number'),
    });
  });

  it('that are a multiplier keep every digit', () => {
    const bytes = [...new Uint8Array(Float64Array.of(0.1).buffer)];
    expect(decode([43, 1, ...bytes, ...U64_MAX], 2)).toMatchObject({
      arguments: { multiplier: '0.1', effective_timestamp: -1n },
    });
  });

  it('that are yes or no are read as the program does: anything but 0, or 0 and 1 only', () => {
    expect(decode([27, 1, 7, ...NO_ADDRESS], 2)).toMatchObject({ arguments: { auto_approve_new_accounts: true } });
    expect(decode([27, 1, 0, ...NO_ADDRESS], 2)).toMatchObject({
      arguments: { auto_approve_new_accounts: false, auditor_elgamal_pubkey: null },
    });
    expect(decode([...REMOVE_KEY, 2, 0, 0, 0, 0], 2)).toMatchObject({ kind: 'unknown' });
  });

  it('that anybody can write are texts, and a forged length or bad UTF-8 is not read', () => {
    expect(decode([...UPDATE_FIELD, 3, 1, 0, 0, 0, 0x6b, 2, 0, 0, 0, 0x68, 0x69], 2)).toMatchObject({
      arguments: { field: 'key' },
      texts: { key: 'k', value: 'hi' },
    });
    expect(decode([...UPDATE_FIELD, 0, 2, 0, 0, 0, 0x68, 0x69], 2)).toMatchObject({
      arguments: { field: 'name', key: null },
      texts: { value: 'hi' },
    });
    expect(decode([...UPDATE_FIELD, 4, 0, 0, 0, 0], 2)).toMatchObject({ kind: 'unknown' });
    expect(decode([...UPDATE_FIELD, 0, 255, 255, 255, 255, 0x68], 2)).toMatchObject({ kind: 'unknown' });
    expect(decode([...UPDATE_FIELD, 0, 1, 0, 0, 0, 0xff], 2)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('UTF-8'),
    });
  });
});

describe('accounts that hold a proof', () => {
  const withdraw = (equality: number, range: number) => [27, 6, ...U64_MAX, 6, ...zeros(36), equality, range];

  it('are there for a proof that stands in no instruction, the sysvar for those that do', () => {
    expect(roles(decode(withdraw(0, 0), 6))).toEqual([
      'token',
      'mint',
      'equality_record',
      'range_record',
      'authority',
      'multisig_signer_0',
    ]);
    expect(roles(decode(withdraw(255, 0), 5))).toEqual([
      'token',
      'mint',
      'instructions_sysvar',
      'range_record',
      'authority',
    ]);
    expect(roles(decode(withdraw(1, 2), 4))).toEqual(['token', 'mint', 'instructions_sysvar', 'authority']);
    expect(decode(withdraw(0, 0), 4)).toMatchObject({
      kind: 'unknown',
      reason: 'confidential_withdraw needs 5 accounts, not 4',
    });
  });

  it('do not sign a transfer with a fee: without fees the authority stands where one of them would', () => {
    const transfer = [27, 13, ...zeros(36 + 128 + 5)];
    expect(roles(decode(transfer, 9, [8])).at(8)).toBe('authority');
    expect(decode(transfer, 9, [6])).toMatchObject({
      kind: 'unknown',
      reason: 'confidential_transfer_with_fee: the fee_ciphertext_validity_record signs, so it may be the authority',
    });
  });
});

describe('accounts that follow', () => {
  const withdraw = (count: number) => [26, 3, count];

  it('are sources from the end on, as many as the data say, and members before them', () => {
    const first = ['mint', 'fee_receiver', 'withdraw_withheld_authority'];
    expect(roles(decode(withdraw(2), 6))).toEqual([...first, 'multisig_signer_0', 'source_0', 'source_1']);
    expect(roles(decode(withdraw(0), 4))).toEqual([...first, 'multisig_signer_0']);
    expect(roles(decode(withdraw(255), 5))).toEqual([...first, 'source_0', 'source_1']);
  });

  it('may be those of a transfer hook where the program calls one, and nowhere else', () => {
    expect(roles(decode([12, ...U64_MAX, 6], 5)).at(4)).toBe('multisig_signer_or_hook_account_0');
    expect(roles(decode([3, ...U64_MAX], 4)).at(3)).toBe('multisig_signer_0');
    expect(roles(decode([46, 1, ...U64_MAX], 5)).at(4)).toBe('multisig_signer_0');
  });
});

describe('a batch', () => {
  const TRANSFER = [12, ...U64_MAX, 6];
  const part = (accounts: number, data: readonly number[]) => [accounts, data.length, ...data];

  it('holds instructions of every kind, each with its own accounts', () => {
    const decoded = decode(
      [255, ...part(4, TRANSFER), ...part(2, [34, 1]), ...part(2, [...REMOVE_KEY, 1, 0, 0, 0, 0])],
      9,
    );
    expect(decoded).toMatchObject({
      kind: 'known',
      programName: 'token_2022',
      name: 'batch',
      parts: [{ name: 'transfer_checked' }, { name: 'disable_cpi_guard' }, { name: 'remove_token_metadata_key' }],
    });
    expect(roles(decoded)).toEqual([
      ...['part_0_source', 'part_0_mint', 'part_0_destination', 'part_0_authority'],
      ...['part_1_token', 'part_1_owner', 'part_2_metadata', 'part_2_update_authority', 'extra_0'],
    ]);
  });

  it.each([
    ['a part that is not known', [...part(4, TRANSFER), ...part(2, [99])]],
    ['a batch in it', part(4, [255, ...part(4, TRANSFER)])],
    ['more accounts than there are', part(10, TRANSFER)],
    ['half a header', [...part(4, TRANSFER), 2]],
    ['nothing in it', []],
  ])('is unknown with %s', (_what, parts) => {
    expect(decode([255, ...parts], 9)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('batch: part'),
    });
  });
});
