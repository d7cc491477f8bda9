// Owns a transaction that the policy allows and the runtime cannot execute: a transfer that asks for too few compute units.
import { type Address, createNoopSigner } from '@solana/kit';
import { getSetComputeUnitLimitInstruction } from '@solana-program/compute-budget';
import { getTransferSolInstruction } from '@solana-program/system';
import { wireTransaction } from '../../tour/transactions.ts';

export function withoutComputeUnits(from: Address, to: Address, lamports: bigint): Uint8Array {
  return wireTransaction(from, [
    getSetComputeUnitLimitInstruction({ units: 160 }),
    getTransferSolInstruction({ source: createNoopSigner(from), destination: to, amount: lamports }),
  ]);
}
