// Owns the contract of a fee payer: somebody else than the wallet who pays the fee of its transactions, and signs for that.

export type Cosigning =
  /** 64 bytes for slot 0 over the very message that was judged; not yet trusted. */
  | { readonly kind: 'signed'; readonly signature: Uint8Array }
  /** It will not pay for this transaction. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface CosignContext {
  /** Unix milliseconds after which the answer is of no use. */
  readonly deadline: number;
  /** The same for a retry with the same bytes. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Whom the call is for, by any name: callers take turns where they wait for a key. Those without one are one caller. */
  readonly caller?: string;
}

/**
 * Asked before the wallet's own signer: what it gets cannot land yet, and the transaction's signature is known before anything that moves
 * money is signed.
 */
export interface FeePayer {
  /** Name of the relayer from the configuration. */
  readonly name: string;
  /** `kora` or `sponsor`, for metrics and audit. */
  readonly backend: string;
  /** Base58 address; `null`: it is not known yet, and nothing can be paid for. */
  readonly address: string | null;
  /** Where its key is, as of a signer (signers/signer.ts): `process` has it here only. */
  readonly custody: 'process' | 'remote';
  /** `wireTransaction`: whole, slot 0 and the wallet's slot empty. Never throws for a refusal or an outage. */
  cosign(messageBytes: Uint8Array, wireTransaction: Uint8Array, context: CosignContext): Promise<Cosigning>;
}
