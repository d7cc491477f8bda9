// Owns the contract of a chain reader: what the gateway asks the cluster. Every answer names the slot it was true for.
import type { Address } from '@solana/kit';

export interface ChainAccount {
  /** Program that owns it. */
  readonly owner: Address;
  readonly lamports: bigint;
  readonly data: Uint8Array;
}

/** As much is read of an account that is merely welcome: one that only stands in a transaction must not fill the answer. */
export const MAX_WELCOME_BYTES = 65_536;

export interface ChainAccounts {
  readonly slot: bigint;
  /** `null`: there is no such account. Holds every address that was asked for; those that were merely welcome are here or `glimpsed`. */
  readonly accounts: ReadonlyMap<Address, ChainAccount | null>;
  /** What no fact may be built on: cut off at `MAX_WELCOME_BYTES`, or told differently by the nodes, then as each of them tells it. */
  readonly glimpsed: ReadonlyMap<Address, readonly (ChainAccount | null)[]>;
}

export interface LatestBlockhash {
  readonly blockhash: string;
  /** The blockhash is dead once the cluster's block height is above this. */
  readonly lastValidBlockHeight: bigint;
}

export type Commitment = 'processed' | 'confirmed' | 'finalized';

export interface SignatureStatus {
  readonly commitment: Commitment;
  readonly slot: bigint;
  /** `null`: landed without error; else the runtime's error as compact JSON text. */
  readonly error: string | null;
}

export interface SignatureStatuses {
  /** The slot that the node had processed when it answered; the oldest, where it was asked more than once. */
  readonly slot: bigint;
  /** In the order of the signatures. `null`: this node does not find it, which alone proves nothing. */
  readonly statuses: readonly (SignatureStatus | null)[];
}

export interface FinalizedBlock {
  readonly slot: bigint;
  readonly blockHeight: bigint;
}

/** As the runtime keeps it in its Clock sysvar. */
export interface FinalizedClock {
  readonly slot: bigint;
  /** When validators say that they voted for it, by their stakes. */
  readonly unixSeconds: bigint;
}

export interface BlockhashValidity {
  /** Of the block that was asked about. */
  readonly slot: bigint;
  readonly isValid: boolean;
}

export interface OldestBlock {
  readonly slot: bigint;
  /** At most this: early blocks of a cluster do not say theirs, and it is never above the slot. */
  readonly blockHeight: bigint;
}

export interface SimulationAsk {
  /** Signatures are not verified, the blockhash is not replaced. */
  readonly wire: Uint8Array;
  /** Whose states after the transaction are wanted; not more than the transaction has accounts. */
  readonly postStatesOf: readonly Address[];
  /** The node must have seen this slot; `null`: any. */
  readonly minContextSlot: bigint | null;
}

/** An instruction that a program called. Nodes name those of the programs that they know themselves, and drop their bytes. */
export type SimulatedCall = { readonly stackHeight: number } & (
  | {
      readonly form: 'compiled';
      readonly programIndex: number;
      readonly accountIndexes: readonly number[];
      readonly data: Uint8Array;
    }
  | {
      readonly form: 'resolved';
      readonly program: Address;
      readonly accounts: readonly Address[];
      readonly data: Uint8Array;
    }
  /** `parsed`: `{type, info}` or a text, with exact integers, not looked into. */
  | { readonly form: 'parsed'; readonly program: Address; readonly parsed: unknown }
);

export interface SimulatedCalls {
  /** Position of the top-level instruction. */
  readonly index: number;
  readonly calls: readonly SimulatedCall[];
}

export type ChainSimulation =
  /** `error`: the runtime's, as compact JSON text. */
  | { readonly status: 'failed'; readonly slot: bigint; readonly error: string }
  | {
      readonly status: 'succeeded';
      readonly slot: bigint;
      readonly unitsConsumed: bigint;
      /** `null`: the node does not tell. */
      readonly innerCalls: readonly SimulatedCalls[] | null;
      /** Holds every address that was asked; `null` in it: no such account. `null`: the node does not tell. */
      readonly postStates: ReadonlyMap<Address, ChainAccount | null> | null;
    };

/** Thrown by every method when the cluster cannot be asked or its answer makes no sense. */
export class ChainUnavailable extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ChainUnavailable';
  }
}

export interface ChainReader {
  /** Of its node, for people; of several, all of them. */
  readonly host: string;
  /** How many nodes must give the same answer about an account. */
  readonly endpoints: number;
  /** Each node on its own, the best first; never empty. Answers that prove something together are asked of one of them. */
  nodes(): readonly ChainReader[];
  /** So many nodes must each prove for themselves that a transaction can never land, and show that it landed for good or failed. */
  readonly witnesses: number;
  /**
   * One round trip for up to 100 addresses; more are asked in parallel. Commitment `confirmed`. `welcome`: read in the same round trip,
   * and never a reason for failing.
   */
  getAccounts(addresses: readonly Address[], signal: AbortSignal, welcome?: readonly Address[]): Promise<ChainAccounts>;
  /** Commitment `confirmed`. May be up to two seconds old. */
  getLatestBlockhash(signal: AbortSignal): Promise<LatestBlockhash>;
  /** The same where it can be had without waiting; `null` else. */
  blockhashAtHand(): LatestBlockhash | null;
  /** Waits a few slots for one that is not this; ChainUnavailable when none comes. Commitment `confirmed`. */
  getBlockhashOtherThan(blockhash: string, signal: AbortSignal): Promise<LatestBlockhash>;
  getBlockHeight(commitment: Commitment, signal: AbortSignal): Promise<bigint>;
  /**
   * Whether a transaction with this blockhash could still land behind the newest block of this commitment. One that is newer than that block
   * is not valid there.
   */
  isBlockhashValid(blockhash: string, commitment: Commitment, signal: AbortSignal): Promise<BlockhashValidity>;
  /**
   * Searches history. That a transaction never landed follows from `null` only when its lifetime was over in a finalized block, the node
   * was past that block when it answered, and, asked afterwards, its oldest block is from before the transaction could land.
   */
  getSignatureStatuses(signatures: readonly string[], signal: AbortSignal): Promise<SignatureStatuses>;
  /** The newest one that the node knows. Another node behind the same address may know fewer. */
  getFinalizedBlock(signal: AbortSignal): Promise<FinalizedBlock>;
  /** Slot and time of the newest finalized block that the node knows. */
  getFinalizedClock(signal: AbortSignal): Promise<FinalizedClock>;
  /** The oldest block that the node can show: what landed before is not found any more. Grows as the node prunes its history. */
  getOldestBlock(signal: AbortSignal): Promise<OldestBlock>;
  /** As `getAccounts`, at commitment `finalized`. `slot`: the oldest slot that they were read at. */
  getFinalizedAccounts(addresses: readonly Address[], signal: AbortSignal): Promise<Omit<ChainAccounts, 'glimpsed'>>;
  /** What a transaction would do now, at commitment `confirmed`. One that fails is an answer. */
  simulate(ask: SimulationAsk, signal: AbortSignal): Promise<ChainSimulation>;
  /** Base58 genesis hash: names the cluster. */
  getGenesisHash(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}
