// Owns what landed on the local chain: the status of each signature and, for the newest, the whole transaction.
import type { Commitment } from '../chain-reader.ts';
import { satisfies } from './commitment.ts';
import type { Execution } from './execution.ts';
import type { SlotClock } from './slot-clock.ts';
import type { TransactionErrorJson } from './transaction-error.ts';
import type { WireTransaction } from './wire-transaction.ts';

const KEPT_STATUSES = 200_000;
const KEPT_TRANSACTIONS = 40_000;

export interface LandedStatus {
  readonly signature: string;
  readonly slot: bigint;
  readonly error: TransactionErrorJson | null;
}

export interface LandedTransaction {
  readonly transaction: WireTransaction;
  readonly execution: Execution;
  /** Unix seconds. */
  readonly blockTime: number;
  readonly fee: bigint;
  readonly loadedAddresses: { readonly writable: readonly string[]; readonly readonly: readonly string[] };
  readonly preBalances: readonly bigint[];
  readonly postBalances: readonly bigint[];
}

export interface LandedTransactions {
  readonly record: (status: LandedStatus, transaction: LandedTransaction | null) => void;
  readonly status: (signature: string) => LandedStatus | undefined;
  readonly transaction: (signature: string) => LandedTransaction | undefined;
  /** The newest statuses, oldest first. */
  readonly newest: (count: number) => readonly LandedStatus[];
  readonly count: () => number;
  /** Every status of this slot and later ones is here, and the whole of what landed since the start. 0: nothing was ever dropped. */
  readonly knownFrom: () => bigint;
  /** Drops every status from before a slot, as a node does that keeps little history. */
  readonly prune: (before: bigint) => void;
}

/** `isWhole`: nothing had been dropped before `restored`. */
export function createLandedTransactions(restored: readonly LandedStatus[], isWhole: boolean): LandedTransactions {
  const statuses = new Map(restored.map((status) => [status.signature, status]));
  const transactions = new Map<string, { readonly slot: bigint; readonly transaction: LandedTransaction }>();
  let count = restored.length;
  let knownFrom = isWhole ? 0n : slotAfter(restored[0]);
  return {
    record: (status, transaction) => {
      count++;
      const forgotten = remember(statuses, status.signature, status, KEPT_STATUSES);
      if (forgotten !== undefined) knownFrom = larger(knownFrom, slotAfter(forgotten));
      if (transaction === null) return;
      const dropped = remember(transactions, status.signature, { slot: status.slot, transaction }, KEPT_TRANSACTIONS);
      if (dropped !== undefined) knownFrom = larger(knownFrom, slotAfter(dropped));
    },
    status: (signature) => statuses.get(signature),
    transaction: (signature) => transactions.get(signature)?.transaction,
    newest: (limit) => [...statuses.values()].slice(-limit),
    count: () => count,
    knownFrom: () => knownFrom,
    prune: (before) => {
      for (const { signature, slot } of [...statuses.values()]) if (slot < before) statuses.delete(signature);
      knownFrom = larger(knownFrom, before);
    },
  };
}

/** The commitment that something of `slot` has reached by now. */
export function commitmentOf(clock: SlotClock, slot: bigint): Commitment {
  const newest = clock.slot('processed');
  if (newest - slot >= clock.depth('finalized')) return 'finalized';
  return newest - slot >= clock.depth('confirmed') ? 'confirmed' : 'processed';
}

/** Whether something of `slot` has reached a commitment. */
export function hasReached(clock: SlotClock, slot: bigint, wanted: Commitment): boolean {
  return satisfies(commitmentOf(clock, slot), wanted);
}

function slotAfter(landed: { readonly slot: bigint } | undefined): bigint {
  return landed === undefined ? 0n : landed.slot + 1n;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Returns what had to go for it. */
function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): T | undefined {
  map.set(key, value);
  if (map.size <= limit) return undefined;
  const [oldest] = map;
  if (oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}
