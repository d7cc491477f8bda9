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

export interface Landing {
  readonly status: LandedStatus;
  /** `null`: never kept, or dropped since. */
  readonly transaction: LandedTransaction | null;
}

export interface LandedTransactions {
  readonly record: (status: LandedStatus, transaction: LandedTransaction | null) => void;
  readonly status: (signature: string) => LandedStatus | undefined;
  readonly transaction: (signature: string) => LandedTransaction | undefined;
  /** The newest statuses, oldest first. */
  readonly newest: (count: number) => readonly LandedStatus[];
  readonly count: () => number;
  /** Every status of this slot and later ones is here. 0: none was ever dropped. */
  readonly statusesFrom: () => bigint;
  /** So is the whole of what landed then. */
  readonly knownFrom: () => bigint;
  /** Drops every status from before a slot, as a node does that keeps little history. */
  readonly prune: (before: bigint) => void;
}

/** What is known of the time before a restart. */
export interface RestoredHistory {
  /** Oldest first. */
  readonly landings: readonly Landing[];
  readonly statusesFrom: bigint;
  readonly knownFrom: bigint;
}

const NO_HISTORY: RestoredHistory = { landings: [], statusesFrom: 0n, knownFrom: 0n };

export function createLandedTransactions(restored: RestoredHistory = NO_HISTORY): LandedTransactions {
  const statuses = new Map<string, LandedStatus>();
  const transactions = new Map<string, { readonly slot: bigint; readonly transaction: LandedTransaction }>();
  let count = 0;
  let { statusesFrom, knownFrom } = restored;
  const record = (status: LandedStatus, transaction: LandedTransaction | null): void => {
    count++;
    const forgotten = remember(statuses, status.signature, status, KEPT_STATUSES);
    if (forgotten !== undefined) statusesFrom = larger(statusesFrom, slotAfter(forgotten));
    if (transaction === null) return;
    const dropped = remember(transactions, status.signature, { slot: status.slot, transaction }, KEPT_TRANSACTIONS);
    if (dropped !== undefined) knownFrom = larger(knownFrom, slotAfter(dropped));
  };
  for (const { status, transaction } of restored.landings) record(status, transaction);
  return {
    record,
    status: (signature) => statuses.get(signature),
    transaction: (signature) => transactions.get(signature)?.transaction,
    newest: (limit) => [...statuses.values()].slice(-limit),
    count: () => count,
    statusesFrom: () => statusesFrom,
    knownFrom: () => larger(statusesFrom, knownFrom),
    prune: (before) => {
      for (const { signature, slot } of [...statuses.values()]) if (slot < before) statuses.delete(signature);
      statusesFrom = larger(statusesFrom, before);
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

function slotAfter({ slot }: { readonly slot: bigint }): bigint {
  return slot + 1n;
}

export function larger(a: bigint, b: bigint): bigint {
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
