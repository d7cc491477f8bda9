import { createNoopSigner, type Instruction } from '@solana/kit';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAddMemoInstruction } from '@solana-program/memo';
import { getTransferSolInstruction } from '@solana-program/system';
import { describe, expect, it } from 'vitest';
import { knownAddress } from '../base58.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { computeFee } from './fee.ts';
import { decodeInstructions, rawInstruction } from './testing/judge.ts';

const WALLET = keyAddress(1);
const pay = getTransferSolInstruction({ source: createNoopSigner(WALLET), destination: keyAddress(2), amount: 1n });
const memo = getAddMemoInstruction({ memo: 'x' });
const price = (microLamports: bigint) => getSetComputeUnitPriceInstruction({ microLamports });
const limit = (units: number) => getSetComputeUnitLimitInstruction({ units });

function fee(...instructions: Instruction[]) {
  return computeFee(decodeInstructions(WALLET, instructions));
}

describe('the fee', () => {
  it('is 5000 lamports a signature, and names who pays', () => {
    const stranger = createNoopSigner(keyAddress(3));
    const both = getTransferSolInstruction({ source: stranger, destination: WALLET, amount: 1n });
    expect(fee(pay)).toEqual({ payer: WALLET, baseLamports: 5_000n, priorityLamports: 0n, totalLamports: 5_000n });
    expect(fee(both).baseLamports).toBe(10_000n);
  });

  it('adds a signature for each that a precompile verifies', () => {
    const verify = (program: string, count: number) =>
      rawInstruction(knownAddress(program), [], count < 0 ? [] : [count]);
    const ed25519 = verify('Ed25519SigVerify111111111111111111111111111', 3);
    const secp256k1 = verify('KeccakSecp256k11111111111111111111111111111', 2);
    const secp256r1 = verify('Secp256r1SigVerify1111111111111111111111111', 1);
    expect(fee(ed25519, secp256k1, secp256r1).baseLamports).toBe(35_000n);
    expect(fee(verify('Ed25519SigVerify111111111111111111111111111', -1)).baseLamports).toBe(5_000n);
  });

  it('is price times limit, rounded up, and the limit stops at 1.4 million', () => {
    expect(fee(price(1n), limit(1), pay).priorityLamports).toBe(1n);
    expect(fee(price(3n), limit(1_000_000), pay).priorityLamports).toBe(3n);
    expect(fee(price(10_000_000_000n), limit(1_400_000), pay).priorityLamports).toBe(14_000_000_000n);
    expect(fee(price(1_000_000n), limit(2 ** 32 - 1), pay).priorityLamports).toBe(1_400_000n);
    expect(fee(limit(1_400_000), pay).priorityLamports).toBe(0n);
    expect(fee(price(1_000_000n), limit(0), pay).priorityLamports).toBe(0n);
  });

  it('without a limit counts 3000 units for each builtin instruction and 200000 for each other', () => {
    expect(fee(price(1_000_000n), pay, memo).priorityLamports).toBe(206_000n);
    const eight = Array.from({ length: 8 }, () => memo);
    expect(fee(price(1_000_000n), ...eight).priorityLamports).toBe(1_400_000n);
  });

  it('stops at the top of a u64', () => {
    const top = 2n ** 64n - 1n;
    expect(fee(price(top), limit(1_400_000), pay)).toMatchObject({ priorityLamports: top, totalLamports: top });
  });

  it('of v1 is what the message names, whatever Compute Budget instructions say', () => {
    const v1 = (priorityFeeLamports?: bigint) =>
      computeFee(
        decodeInstructions(WALLET, [price(1_000_000n), limit(1_400_000), pay], {
          computeUnitLimit: 9,
          ...(priorityFeeLamports === undefined ? {} : { priorityFeeLamports }),
        }),
      );
    expect(v1(20_000_000_000n)).toMatchObject({ priorityLamports: 20_000_000_000n, totalLamports: 20_000_005_000n });
    expect(v1().priorityLamports).toBe(0n);
  });
});
