// Owns the contract of a relayer: something that hands signed bytes to the cluster and changes none of them.

export type SubmitResult =
  /** A node took it. It may still not land. */
  | { readonly kind: 'accepted' }
  /** A node refused it in preflight or as malformed: it was not broadcast by this call. */
  | {
      readonly kind: 'rejected';
      readonly reason: string;
      /** `FEE_PAYER_LACKS_SOL`: its account is not there, or holds too little for the fee and the rent. */
      readonly code: 'BLOCKHASH_NOT_FOUND' | 'ALREADY_PROCESSED' | 'FEE_PAYER_LACKS_SOL' | 'OTHER';
    }
  /** The answer was lost, or makes no sense: it may have been broadcast. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** What a harmless round trip showed. Nothing is sent to the cluster. */
export type RelayerCheck =
  /** `detail`: what the other side says of itself, for people. */
  | { readonly kind: 'ready'; readonly detail: string }
  | {
      readonly kind: 'failed';
      /** Key of the relayer's entry in the configuration that is to be looked at; `null`: the other side is at fault. */
      readonly field: string | null;
      readonly reason: string;
    };

export interface Relayer {
  readonly name: string;
  /** Backend kind, for metrics and audit: `rpc`, … */
  readonly backend: string;
  /** What it lacks to send anything at all, in words that may be shown to agents; `null`: nothing. What is signed meanwhile stays unsent. */
  lack(): string | null;
  /** Safe to call again with the same bytes. Never throws for what a node says. */
  submit(signedTransaction: Uint8Array, signal: AbortSignal): Promise<SubmitResult>;
  check(signal: AbortSignal): Promise<RelayerCheck>;
  close(): Promise<void>;
}
