import { expect, it } from 'vitest';
import {
  createLandedTransactions,
  type LandedStatus,
  type LandedTransaction,
  type LandedTransactions,
} from './landed-transactions.ts';

const KEPT = 200_000;
const KEPT_WHOLE = 40_000;

it('says from which slot on it knows everything: what it had to drop, and what it did not get back, was before', () => {
  const landed = createLandedTransactions();
  for (let slot = 1n; slot <= KEPT; slot++) landed.record(status(slot), null);
  expect(landed.knownFrom()).toBe(0n);
  landed.record(status(BigInt(KEPT) + 1n), null);
  expect(landed.status('s1')).toBeUndefined();
  expect(landed.knownFrom()).toBe(2n);
  expect(restored(0n, 0n).knownFrom()).toBe(0n);
  expect(restored(8n, 0n).knownFrom()).toBe(8n);
  expect(restored(0n, 10n)).toSatisfy((partly) => partly.knownFrom() === 10n && partly.statusesFrom() === 0n);
});

it('says from which slot on it has whole transactions: those that it had to drop were before', () => {
  const landed = createLandedTransactions();
  for (let slot = 1n; slot <= KEPT_WHOLE; slot++) landed.record(status(slot), WHOLE);
  expect(landed.knownFrom()).toBe(0n);
  // Airdrops have none.
  landed.record(status(BigInt(KEPT_WHOLE) + 1n), null);
  expect(landed.knownFrom()).toBe(0n);
  landed.record(status(BigInt(KEPT_WHOLE) + 2n), WHOLE);
  expect(landed.transaction('s1')).toBeUndefined();
  expect(landed.status('s1')?.slot).toBe(1n);
  expect(landed.knownFrom()).toBe(2n);
  landed.prune(9n);
  landed.record(status(BigInt(KEPT_WHOLE) + 3n), WHOLE);
  expect(landed.knownFrom()).toBe(9n);
});

it('prunes what landed before a slot, and only that', () => {
  const landed = restored(0n, 0n);
  landed.prune(8n);
  expect(['s7', 's8', 's9'].map((signature) => landed.status(signature)?.slot)).toEqual([undefined, 8n, 9n]);
  expect(landed.knownFrom()).toBe(8n);
});

function restored(statusesFrom: bigint, knownFrom: bigint): LandedTransactions {
  const landings = [7n, 8n, 9n].map((slot) => ({ status: status(slot), transaction: null }));
  return createLandedTransactions({ landings, statusesFrom, knownFrom });
}

/** What it says does not matter here. */
const WHOLE: LandedTransaction = {
  transaction: {
    version: 'legacy',
    signers: 1,
    readonlySigned: 0,
    readonlyUnsigned: 0,
    keys: [],
    blockhash: new Uint8Array(32),
    instructions: [],
    lookups: [],
    config: null,
    wire: new Uint8Array(),
    signatures: [],
    blockhashOffset: 0,
  },
  execution: { error: null, logs: [], unitsConsumed: 0n, returnData: null, innerInstructions: [] },
  blockTime: 0,
  fee: 0n,
  loadedAddresses: { writable: [], readonly: [] },
  preBalances: [],
  postBalances: [],
};

function status(slot: bigint): LandedStatus {
  return { signature: `s${slot}`, slot, error: null };
}
