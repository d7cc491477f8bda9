// Owns the contract of a chain reader: what the gateway asks the cluster. Every answer names the slot it was true for.
import type { Address } from '@solana/kit';

export interface ChainAccount {
  /** Program that owns it. */
  readonly owner: Address;
  readonly lamports: bigint;
  readonly data: Uint8Array;
}

export interface ChainAccounts {
  readonly slot: bigint;
  /** `null`: there is no such account. Holds every address that was asked. */
  readonly accounts: ReadonlyMap<Address, ChainAccount | null>;
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

/** Thrown by every method when the cluster cannot be asked or its answer makes no sense. */
export class ChainUnavailable extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ChainUnavailable';
  }
}

export interface ChainReader {
  /** One round trip for up to 100 addresses; more are asked in parallel. Commitment `confirmed`. */
  getAccounts(addresses: readonly Address[], signal: AbortSignal): Promise<ChainAccounts>;
  /** Commitment `confirmed`. May be up to two seconds old. */
  getLatestBlockhash(signal: AbortSignal): Promise<LatestBlockhash>;
  /** Waits a few slots for one that is not this; ChainUnavailable when none comes. Commitment `confirmed`. */
  getBlockhashOtherThan(blockhash: string, signal: AbortSignal): Promise<LatestBlockhash>;
  getBlockHeight(commitment: Commitment, signal: AbortSignal): Promise<bigint>;
  /** Whether a transaction with this blockhash could still land, at commitment `processed`. */
  isBlockhashValid(blockhash: string, signal: AbortSignal): Promise<boolean>;
  /** `null` for a signature that the cluster does not know. Searches history. */
  getSignatureStatuses(
    signatures: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (SignatureStatus | null)[]>;
  /** Base58 genesis hash: names the cluster. */
  getGenesisHash(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}
