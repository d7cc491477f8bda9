// Owns the state of the local chain: LiteSVM, the slot clock, recent blockhashes and what landed.
import { Clock, LiteSvm } from 'litesvm/dist/internal.js';
import type { ChainState, RestoredState } from './chain-state.ts';
import {
  createLandedTransactions,
  type LandedStatus,
  type LandedTransaction,
  type LandedTransactions,
} from './landed-transactions.ts';
import { addMemoProgram } from './memo-program.ts';
import { createRecentBlockhashes, type RecentBlockhashes } from './recent-blockhashes.ts';
import { createSlotClock, type SlotClock } from './slot-clock.ts';

export const SLOTS_PER_EPOCH = 432_000n;
/** What the faucet owns at first: 5 billion SOL. */
const FAUCET_LAMPORTS = 5_000_000_000n * 1_000_000_000n;
/** Entries of the SlotHashes sysvar, which creating a lookup table reads. The cluster keeps 512. */
const SLOT_HASHES = 150;

export interface Chain {
  readonly svm: LiteSvm;
  readonly clock: SlotClock;
  readonly blockhashes: RecentBlockhashes;
  readonly landed: LandedTransactions;
  /** Brings everything to the wall clock's slot. Called before each request and at each slot's start. */
  readonly advance: () => void;
  readonly land: (status: LandedStatus, transaction: LandedTransaction | null) => void;
  /** Is told of every new slot and of everything that landed; returns how to stop. */
  readonly onChange: (listener: (change: ChainChange) => void) => () => void;
  /** All but what landed, which is told by `onChange`. */
  readonly save: () => ChainState;
}

export type ChainChange =
  | { readonly kind: 'slot'; readonly slot: bigint }
  | { readonly kind: 'landed'; readonly status: LandedStatus };

export interface ChainOptions {
  readonly slotMilliseconds: number;
  /** Slots until a transaction is finalized. */
  readonly finalitySlots: number;
  readonly restored: RestoredState | null;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createChain(options: ChainOptions): Chain {
  const { restored, now } = options;
  const svm = restored === null ? new LiteSvm() : LiteSvm.fromBytes(restored.snapshot);
  configure(svm, restored === null);
  const clock = createSlotClock({ ...options, notBefore: restored?.slot ?? 0n });
  const blockhashes = createRecentBlockhashes(restored?.blockhashes ?? []);
  const landed = createLandedTransactions(restored?.history);
  const listeners = new Set<(change: ChainChange) => void>();
  const notify = (change: ChainChange): void => {
    for (const listener of listeners) listener(change);
  };
  const enterSlot = (slot: bigint): void => {
    blockhashes.produceUntil(slot);
    setSysvars(svm, slot, now());
  };
  enterSlot(clock.slot('processed'));
  return {
    svm,
    clock,
    blockhashes,
    landed,
    advance: () => {
      if (!clock.advance()) return;
      enterSlot(clock.slot('processed'));
      notify({ kind: 'slot', slot: clock.slot('processed') });
    },
    land: (status, transaction) => {
      landed.record(status, transaction);
      notify({ kind: 'landed', status });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    save: () => ({
      slot: clock.slot('processed'),
      blockhashes: blockhashes.all(),
      statusesFrom: landed.statusesFrom(),
      knownFrom: landed.knownFrom(),
      snapshot: svm.toBytes(),
    }),
  };
}

function configure(svm: LiteSvm, fresh: boolean): void {
  if (fresh) {
    svm.setLamports(FAUCET_LAMPORTS);
    addMemoProgram(svm);
  }
  // The chain checks age and repetition itself: LiteSVM knows one blockhash at a time and only as many signatures.
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  svm.setSigverify(true);
}

function setSysvars(svm: LiteSvm, slot: bigint, unixMilliseconds: number): void {
  svm.expireBlockhash();
  const epoch = slot / SLOTS_PER_EPOCH;
  const seconds = BigInt(Math.floor(unixMilliseconds / 1000));
  svm.setClock(new Clock(slot, seconds, epoch, epoch + 1n, seconds));
  const hash = svm.latestBlockhash();
  svm.setSlotHashes(Array.from({ length: SLOT_HASHES }, (_, back) => ({ slot: slot - 1n - BigInt(back), hash })));
}
