// Owns the contract of a wallet's history: what landed with its address, and what it holds. For watching and for telling what became of a
// transaction, never for judging one.
import type { Address } from '@solana/kit';

export interface HistoryAsk {
  /** Only what landed after this signature; `null`: everything that the node has. */
  readonly until: string | null;
  /** Only what landed before this signature; `null`: from the newest on. */
  readonly before: string | null;
  readonly limit: number;
  /** The node must have finalized this slot, or it is ChainUnavailable; `null`: however far behind it is. */
  readonly minContextSlot: bigint | null;
}

/** A transaction that names the address, in a finalized block. */
export interface LandedSignature {
  /** Base58 of the transaction's first signature. */
  readonly signature: string;
  readonly slot: bigint;
  /** The cluster's error as JSON text; `null`: it was executed. */
  readonly error: string | null;
}

export interface TokenHolding {
  readonly mint: Address;
  readonly amount: bigint;
  readonly decimals: number;
}

/** At commitment `finalized`. Every method throws ChainUnavailable. */
export interface WalletHistory {
  /** The newest first. */
  signaturesOf(address: Address, ask: HistoryAsk, signal: AbortSignal): Promise<readonly LandedSignature[]>;
  /** Height of the block of a slot. A slot without a block, or one that the node dropped, is ChainUnavailable. */
  blockHeightAt(slot: bigint, signal: AbortSignal): Promise<bigint>;
  /** Of the oldest block that the node can show: what landed below is not listed any more. Grows as the node prunes its history. */
  oldestBlockHeight(signal: AbortSignal): Promise<bigint>;
  /** The wire transaction; `null`: the node does not have it. */
  transaction(signature: string, signal: AbortSignal): Promise<Uint8Array | null>;
  lamportsOf(address: Address, signal: AbortSignal): Promise<bigint>;
  /** Of all its token accounts, of both token programs, summed by mint. */
  tokensOf(owner: Address, signal: AbortSignal): Promise<readonly TokenHolding[]>;
}
