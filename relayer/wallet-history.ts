// Owns the contract of a wallet's history: what landed with its address, and what it holds. For watching, never for judging.
import type { Address } from '@solana/kit';

export interface HistoryAsk {
  /** Only what landed after this signature; `null`: everything that the node has. */
  readonly until: string | null;
  /** Only what landed before this signature; `null`: from the newest on. */
  readonly before: string | null;
  readonly limit: number;
}

export interface TokenHolding {
  readonly mint: Address;
  readonly amount: bigint;
  readonly decimals: number;
}

/** At commitment `finalized`. Every method throws ChainUnavailable. */
export interface WalletHistory {
  /** Signatures of transactions that name the address, the newest first. */
  signaturesOf(address: Address, ask: HistoryAsk, signal: AbortSignal): Promise<readonly string[]>;
  /** The wire transaction; `null`: the node does not have it. */
  transaction(signature: string, signal: AbortSignal): Promise<Uint8Array | null>;
  lamportsOf(address: Address, signal: AbortSignal): Promise<bigint>;
  /** Of all its token accounts, of both token programs, summed by mint. */
  tokensOf(owner: Address, signal: AbortSignal): Promise<readonly TokenHolding[]>;
  close(): Promise<void>;
}
