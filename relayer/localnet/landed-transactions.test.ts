import { expect, it } from 'vitest';
import { createLandedTransactions, type LandedStatus } from './landed-transactions.ts';

const KEPT = 200_000;

it('says from which slot on it knows everything: what it had to drop, and what it did not get back, was before', () => {
  const landed = createLandedTransactions([], true);
  for (let slot = 1n; slot <= KEPT; slot++) landed.record(status(slot), null);
  expect(landed.knownFrom()).toBe(0n);
  landed.record(status(BigInt(KEPT) + 1n), null);
  expect(landed.status('s1')).toBeUndefined();
  expect(landed.knownFrom()).toBe(2n);
  expect(createLandedTransactions([status(7n), status(9n)], true).knownFrom()).toBe(0n);
  expect(createLandedTransactions([status(7n), status(9n)], false).knownFrom()).toBe(8n);
});

it('prunes what landed before a slot, and only that', () => {
  const landed = createLandedTransactions([status(7n), status(8n), status(9n)], true);
  landed.prune(8n);
  expect(['s7', 's8', 's9'].map((signature) => landed.status(signature)?.slot)).toEqual([undefined, 8n, 9n]);
  expect(landed.knownFrom()).toBe(8n);
});

function status(slot: bigint): LandedStatus {
  return { signature: `s${slot}`, slot, error: null };
}
