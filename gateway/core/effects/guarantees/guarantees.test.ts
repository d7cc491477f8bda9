import { createNoopSigner, type Instruction } from '@solana/kit';
import { getAddMemoInstruction } from '@solana-program/memo';
import { getTransferSolInstruction } from '@solana-program/system';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import type { ArgumentValue, DecodedInstruction } from '../../transaction/decoded-transaction.ts';
import { LIGHTHOUSE_PROGRAM, TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress, keyBytes } from '../../transaction/testing/wire-builder.ts';
import { judge, READONLY, rawInstruction, WRITABLE, WRITABLE_SIGNER } from '../testing/judge.ts';
import { guaranteesOf } from './guarantees.ts';

const WALLET = keyAddress(1);
const ACCOUNT = keyAddress(2);
const OTHER = keyAddress(3);
const SWAP = keyAddress(9);
const wallet = createNoopSigner(WALLET);
const U64_MAX = 2n ** 64n - 1n;

const u64 = (value: number) => [...Uint8Array.from({ length: 8 }, (_, i) => (i < 4 ? (value >>> (8 * i)) & 0xff : 0))];
const lighthouse = (data: readonly number[], account: Address | null = ACCOUNT, role = READONLY) =>
  rawInstruction(LIGHTHOUSE_PROGRAM, account === null ? [] : [[account, role]], data);
/** Token amount of the account, `>=`. */
const amountAtLeast = (value: number) => lighthouse([9, 0, 2, ...u64(value), 4]);
const lamportsAtLeast = (account: Address) => lighthouse([5, 0, 0, ...u64(7), 4], account);
const unknownCall = (account: Address, role: typeof WRITABLE | typeof READONLY) =>
  rawInstruction(SWAP, [[account, role]], [1]);

const guaranteed = (...instructions: Instruction[]) => judge(WALLET, instructions).effects.guarantees;

describe('assertions', () => {
  it('guarantee what they assert, in numbers, addresses and nothing at all', () => {
    const owner = [1, ...keyBytes(1), 0];
    const several = [10, 0, 5, 2, ...u64(5), 4, ...owner, 3, 0, 0, 7, 1, ...keyBytes(3), 1, 4, 1, 0];
    const at = { instruction: 0, basis: 'asserted', argument: null, account: ACCOUNT };
    expect(guaranteed(lighthouse(several))).toEqual([
      { ...at, kind: 'token_amount', operator: '>=', amount: 5n, value: null },
      { ...at, kind: 'token_owner', operator: '==', amount: null, value: WALLET },
      { ...at, kind: 'token_delegate', operator: '==', amount: null, value: 'none' },
      { ...at, kind: 'token_close_authority', operator: '!=', amount: null, value: OTHER },
      { ...at, kind: 'token_state', operator: '==', amount: 1n, value: null },
    ]);
  });

  it('guarantee lamports and owners of any account, nested fields, and the time', () => {
    expect(guaranteed(lighthouse([6, 0, 2, 0, ...u64(7), 2, 3, 2, 0]))).toMatchObject([
      { kind: 'lamports', operator: '>', amount: 7n },
      { kind: 'owner_program', operator: '==', value: TOKEN_2022_PROGRAM },
    ]);
    expect(guaranteed(lighthouse([11, 0, 1, 2, ...keyBytes(1), 0]))).toMatchObject([
      { kind: 'stake_withdrawer', operator: '==', value: WALLET },
    ]);
    expect(guaranteed(lighthouse([13, 0, 3, 0, 0, 0]))).toMatchObject([
      { kind: 'program_upgrade_authority', operator: '==', value: 'none' },
    ]);
    expect(guaranteed(lighthouse([15, 0, 4, ...u64(1_800_000_000), 5], null))).toMatchObject([
      { kind: 'clock_unix_timestamp', account: null, operator: '<=', amount: 1_800_000_000n },
    ]);
  });

  it('guarantee nothing with bitwise operators, raw bytes, flags of the message, or when they cannot be read', () => {
    const bitwise = [9, 0, 2, ...u64(5), 6];
    const rawBytes = [2, 0, 64, 7, ...u64(5), 4];
    const isSigner = [5, 0, 5, 1, 0];
    const derived = [9, 0, 8];
    for (const data of [bitwise, rawBytes, isSigner, derived]) {
      expect(guaranteed(lighthouse(data))).toEqual([]);
      expect(judge(WALLET, [lighthouse(data)]).effects.missing).toEqual([]);
    }
    const { effects } = judge(WALLET, [lighthouse([9, 0, 2, ...u64(5), 8])]);
    expect(effects.guarantees).toEqual([]);
    expect(effects.missing).toMatchObject([{ fact: 'instruction' }]);
  });

  it('count behind everything that could change the account', () => {
    expect(guaranteed(unknownCall(ACCOUNT, WRITABLE), amountAtLeast(5))).toMatchObject([
      { instruction: 1, amount: 5n },
    ]);
  });

  it('do not count before an instruction that could, known or not', () => {
    const pay = getTransferSolInstruction({ source: wallet, destination: ACCOUNT, amount: 1n });
    expect(guaranteed(amountAtLeast(5), unknownCall(ACCOUNT, WRITABLE))).toEqual([]);
    expect(guaranteed(lamportsAtLeast(ACCOUNT), pay)).toEqual([]);
    const memory = rawInstruction(
      LIGHTHOUSE_PROGRAM,
      [
        [LIGHTHOUSE_PROGRAM, READONLY],
        [WALLET, WRITABLE_SIGNER],
        [OTHER, WRITABLE],
      ],
      [1, 0, 255],
    );
    expect(guaranteed(lamportsAtLeast(WALLET), memory)).toEqual([]);
  });

  it('count before instructions that are not given the account, or cannot write to it', () => {
    expect(guaranteed(amountAtLeast(5), unknownCall(OTHER, WRITABLE))).toHaveLength(1);
    expect(guaranteed(amountAtLeast(5), unknownCall(ACCOUNT, READONLY))).toHaveLength(1);
  });

  it('count before what changes nothing: memos and other assertions', () => {
    const memo = getAddMemoInstruction({ memo: 'x', signers: [wallet] });
    const change = unknownCall(ACCOUNT, WRITABLE);
    expect(guaranteed(change, amountAtLeast(5), amountAtLeast(6), memo)).toHaveLength(2);
    // The wallet is writable throughout, as it pays the fee.
    expect(guaranteed(lamportsAtLeast(WALLET), memo, amountAtLeast(1))).toHaveLength(2);
  });
});

describe('arguments', () => {
  const withArguments = (values: Readonly<Record<string, ArgumentValue>>): DecodedInstruction => {
    const named = { program: SWAP, programName: 'swap', name: 'swap', accounts: [], texts: {} };
    return { kind: 'described', index: 3, ...named, arguments: values, data: new Uint8Array() };
  };
  const bounds = (values: Readonly<Record<string, ArgumentValue>>) =>
    guaranteesOf([withArguments(values)]).map(({ argument, operator, amount }) => [argument, operator, amount]);

  it('bound what comes out and what goes in, also in structs', () => {
    expect(bounds({ amount_in: 10n, minimum_amount_out: 9n })).toEqual([['minimum_amount_out', '>=', 9n]]);
    expect(bounds({ params: { min_out: 4n, inner: { max_in: 5n } } })).toEqual([
      ['params.min_out', '>=', 4n],
      ['params.inner.max_in', '<=', 5n],
    ]);
    const described = { kind: 'argument', basis: 'message', account: null, instruction: 3, value: null };
    expect(guaranteesOf([withArguments({ min_out: 1n })])).toEqual([
      { ...described, argument: 'min_out', operator: '>=', amount: 1n },
    ]);
  });

  it('that bound nothing are none: at least zero, at most all, a number that is no integer, a list', () => {
    expect(bounds({ min_out: 0n, max_in: U64_MAX, minimum_amount_out: '5', routes: [{ min_out: 5n }] })).toEqual([]);
  });

  it('named other_amount_threshold bound the side that is not specified, and nothing when that is not said', () => {
    const threshold = { other_amount_threshold: 8n };
    expect(bounds({ ...threshold, amount_specified_is_input: true })).toEqual([['other_amount_threshold', '>=', 8n]]);
    expect(bounds({ ...threshold, is_base_input: false })).toEqual([['other_amount_threshold', '<=', 8n]]);
    expect(bounds(threshold)).toEqual([]);
    expect(bounds({ ...threshold, is_base_input: false, amount_specified_is_input: true })).toEqual([]);
  });

  it('of a quote are weakened by the slippage and by the fee, and rounded to the weaker side', () => {
    const quote = { quoted_out_amount: 1_001n, slippage_bps: 50n };
    expect(bounds(quote)).toEqual([['quoted_out_amount', '>=', 995n]]);
    expect(bounds({ ...quote, platform_fee_bps: 100n })).toEqual([['quoted_out_amount', '>=', 986n]]);
    expect(bounds({ quoted_in_amount: 1_001n, slippage_bps: 50n })).toEqual([['quoted_in_amount', '<=', 1_007n]]);
    expect(bounds({ ...quote, slippage_bps: 10_000n })).toEqual([]);
    expect(bounds({ ...quote, slippage_bps: 65_535n })).toEqual([]);
    expect(bounds({ quoted_out_amount: 1_001n })).toEqual([]);
  });
});
