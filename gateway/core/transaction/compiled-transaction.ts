// Owns the shape of a transaction as its bytes say it: indexes and raw data, nothing resolved or named yet.
import type { Address } from '../address.ts';

export type TransactionVersion = 'legacy' | 0 | 1;

export interface MessageHeader {
  readonly requiredSignatures: number;
  readonly readonlySigned: number;
  readonly readonlyUnsigned: number;
}

export interface CompiledInstruction {
  readonly programIndex: number;
  readonly accountIndexes: readonly number[];
  /** A view into the message bytes. */
  readonly data: Uint8Array;
}

export interface AddressTableLookup {
  readonly table: Address;
  readonly writableIndexes: readonly number[];
  readonly readonlyIndexes: readonly number[];
}

/** Resource requests that stand in the message itself (SIMD-0385, v1 only). `null`: not requested. */
export interface MessageConfig {
  /** Total priority fee in lamports. */
  readonly priorityFeeLamports: bigint | null;
  readonly computeUnitLimit: number | null;
  /** Bytes. */
  readonly loadedAccountsDataSizeLimit: number | null;
  /** Bytes. */
  readonly heapSize: number | null;
}

export interface CompiledTransaction {
  readonly version: TransactionVersion;
  /** Bytes of the whole wire transaction. */
  readonly size: number;
  /** The exact bytes that signers sign; a copy that nobody else holds. */
  readonly messageBytes: Uint8Array;
  /** One entry a required signer, in order; `null` where the slot is all zeros. 64 bytes each. */
  readonly signatures: readonly (Uint8Array | null)[];
  readonly header: MessageHeader;
  /** Static account keys in message order; the first `header.requiredSignatures` of them sign, the first pays. */
  readonly staticAccounts: readonly Address[];
  /** Base58 of the 32-byte lifetime token: a recent blockhash or a durable nonce. */
  readonly lifetimeToken: string;
  readonly instructions: readonly CompiledInstruction[];
  /** v0 only; empty otherwise. */
  readonly lookups: readonly AddressTableLookup[];
  /** v1 only. */
  readonly config: MessageConfig | null;
}

/** Why bytes are not a transaction that the runtime would accept. */
export interface MalformedTransaction {
  /** Stable upper-snake code, for example `TRAILING_BYTES`. */
  readonly code: string;
  /** Path of the field, for example `message.instructions[2].accounts`. */
  readonly field: string;
  /** Byte offset in the wire transaction. */
  readonly offset: number;
  /** What would be right, and what was found. */
  readonly expected: string;
  readonly found: string;
}

export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'malformed'; readonly error: MalformedTransaction };
