import { createNoopSigner } from '@solana/kit';
import { getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAddMemoInstruction } from '@solana-program/memo';
import { getTransferSolInstruction } from '@solana-program/system';
import { getTransferInstruction } from '@solana-program/token';
import { expect, it } from 'vitest';
import { MEMO_PROGRAM_V2, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { computeEffects } from './compute-effects.ts';
import { accountsNeeded } from './facts-needed.ts';
import { decodeInstructions, judge, rawInstruction, WRITABLE_SIGNER } from './testing/judge.ts';
import { NO_EFFECTS } from './testing/no-effects.ts';

const WALLET = keyAddress(1);
const wallet = createNoopSigner(WALLET);

it('names every instruction that cannot be read as missing', () => {
  const { effects } = judge(WALLET, [
    rawInstruction(keyAddress(50), [[WALLET, WRITABLE_SIGNER]], [1]),
    rawInstruction(SYSTEM_PROGRAM, [[WALLET, WRITABLE_SIGNER]], [99, 0, 0, 0]),
    rawInstruction(TOKEN_PROGRAM, [], [3]),
  ]);
  expect(effects.missing.map(({ fact, instruction }) => [fact, instruction])).toEqual([
    ['instruction', 0],
    ['instruction', 1],
    ['instruction', 2],
  ]);
});

it('finds nothing but a fee in Compute Budget instructions and memos', () => {
  const memo = getAddMemoInstruction({ memo: 'hello' }, { programAddress: MEMO_PROGRAM_V2 });
  const { effects, rounds } = judge(WALLET, [getSetComputeUnitPriceInstruction({ microLamports: 1n }), memo]);
  expect(rounds).toEqual([]);
  const fee = { payer: WALLET, baseLamports: 5_000n, priorityLamports: 1n, totalLamports: 5_001n };
  expect(effects).toEqual({ ...NO_EFFECTS, fee });
});

it('needs no facts for pure SOL transfers and asks for none twice', () => {
  const pay = getTransferSolInstruction({ source: wallet, destination: keyAddress(2), amount: 1n });
  expect(accountsNeeded(decodeInstructions(WALLET, [pay, pay]), WALLET)).toEqual([]);
  const send = getTransferInstruction({
    source: keyAddress(3),
    destination: keyAddress(4),
    authority: wallet,
    amount: 1n,
  });
  expect(accountsNeeded(decodeInstructions(WALLET, [send, send]), WALLET)).toEqual([keyAddress(3), keyAddress(4)]);
});

it('names accounts that were needed and not read', () => {
  const send = getTransferInstruction({
    source: keyAddress(3),
    destination: keyAddress(4),
    authority: wallet,
    amount: 1n,
  });
  const effects = computeEffects(decodeInstructions(WALLET, [send]), WALLET, { slot: null, accounts: new Map() });
  expect(effects.missing.map(({ detail }) => detail)).toEqual([
    `${keyAddress(3)} was not read from the chain`,
    `${keyAddress(4)} was not read from the chain`,
  ]);
});

it('gives the same effects for the same input', () => {
  const pay = getTransferSolInstruction({ source: wallet, destination: keyAddress(2), amount: 1n });
  expect(judge(WALLET, [pay])).toEqual(judge(WALLET, [pay]));
});
