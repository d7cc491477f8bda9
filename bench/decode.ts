// Owns the measurement of the pure core: from wire bytes to effects, without the chain; and that it keeps nothing of what it read.
import { createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { knownAddress } from '../gateway/core/base58.ts';
import type { ChainFacts } from '../gateway/core/effects/chain-facts.ts';
import { computeEffects } from '../gateway/core/effects/compute-effects.ts';
import { decodeTransaction } from '../gateway/core/transaction/decode.ts';
import { parseTransaction } from '../gateway/core/transaction/parse.ts';
import { resolveAccounts } from '../gateway/core/transaction/resolve.ts';
import { wireTransaction } from '../tour/transactions.ts';

const WALLET = knownAddress('9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin');
const RECIPIENT = knownAddress('4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T');
const NO_FACTS: ChainFacts = { slot: null, accounts: new Map() };
const BATCHES = 400;
const BATCH = 100;
const DISTINCT = 1_000_000;
const MEBIBYTE = 1024 * 1024;

export interface DecodeMeasurement {
  readonly parsedPerSecond: number;
  /** Of a batch's mean, so that a pause of the collector counts. */
  readonly decodedMedianUs: number;
  /** Heap after distinct transactions, less the heap before. */
  readonly heapGrowthMebibytes: number;
}

/** A v0 transaction with a compute limit, a price and a transfer of SOL. */
export function measureDecode(): DecodeMeasurement {
  const wire = wireTransaction(WALLET, [...computeBudget(), transfer(1_000_000n)]);
  const parse = () => void parsed(wire);
  const judge = () => void effectsOf(wire);
  for (let i = 0; i < 20_000; i++) judge();
  return {
    parsedPerSecond: 1e6 / medianUs(parse),
    decodedMedianUs: medianUs(judge),
    heapGrowthMebibytes: heapGrowth(wire),
  };
}

function effectsOf(wire: Uint8Array) {
  const compiled = parsed(wire);
  const accounts = resolveAccounts(compiled, new Map());
  if (accounts.kind === 'malformed') throw new Error(accounts.error.code);
  return computeEffects(decodeTransaction(compiled, accounts.value), WALLET, NO_FACTS);
}

function parsed(wire: Uint8Array) {
  const result = parseTransaction(wire);
  if (result.kind === 'malformed') throw new Error(result.error.code);
  return result.value;
}

/** Another recipient each time: whatever was cached by transaction or by address would grow. */
function heapGrowth(wire: Uint8Array): number {
  const varied = Uint8Array.from(wire);
  const view = new DataView(varied.buffer);
  const recipientAt = recipientOffset(wire);
  const before = usedHeap();
  for (let i = 0; i < DISTINCT; i++) {
    view.setUint32(recipientAt, i, true);
    effectsOf(varied);
  }
  return (usedHeap() - before) / MEBIBYTE;
}

/** Signature count, one signature, version, header of 3 bytes, count of keys, the wallet's key. */
function recipientOffset(wire: Uint8Array): number {
  const offset = 1 + 64 + 1 + 3 + 1 + 32;
  if (parsed(wire).staticAccounts[1] !== RECIPIENT) throw new Error('the recipient is not the second key');
  return offset;
}

function usedHeap(): number {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('run with --expose-gc');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

export function medianUs(work: () => void): number {
  const means: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const started = performance.now();
    for (let i = 0; i < BATCH; i++) work();
    means.push(((performance.now() - started) * 1000) / BATCH);
  }
  return means.sort((a, b) => a - b)[BATCHES / 2] ?? 0;
}

function transfer(amount: bigint): Instruction {
  return getTransferSolInstruction({ source: createNoopSigner(WALLET), destination: RECIPIENT, amount });
}

function computeBudget(): readonly Instruction[] {
  const programAddress = knownAddress('ComputeBudget111111111111111111111111111111');
  return [
    { programAddress, data: Uint8Array.of(2, 0x40, 0x0d, 3, 0) },
    { programAddress, data: Uint8Array.of(3, 0xe8, 3, 0, 0, 0, 0, 0, 0) },
  ];
}

if (import.meta.main) console.log(measureDecode());
