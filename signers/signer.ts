// Owns the contract of a signer backend: something that holds a key and signs the bytes it is given, no others.

interface CallBounds {
  /** Unix milliseconds after which the answer is of no use. */
  readonly deadline: number;
  /** The same for a retry with the same bytes. */
  readonly idempotencyKey: string;
  /** Aborted at the deadline and on shutdown. */
  readonly signal: AbortSignal;
}

/** What the bytes are. A backend that signs only what it can judge itself refuses what it does not know. */
export type SignContext =
  | (CallBounds & {
      readonly kind: 'transaction';
      /** The whole wire transaction, for backends that judge it themselves. The wallet's slot is still empty. */
      readonly wireTransaction: Uint8Array;
    })
  /** A message that is no transaction: there is nothing but its bytes, plain or in the off-chain message format. */
  | (CallBounds & { readonly kind: 'message' });

/** The zero of this union is nothing: there is no result that means "signed" by accident. */
export type SignResult =
  | { readonly kind: 'signed' /** 64 bytes, not yet trusted. */; readonly signature: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** A partial signer: it may add its own signature and nothing else. */
export interface Signer {
  /** Name from the configuration. */
  readonly name: string;
  /** Backend kind, for metrics and audit: `local-keypair`, … */
  readonly backend: string;
  /** Base58 address of the key. */
  readonly address: string;
  /** Never throws for a refusal or an outage; both are results. */
  sign(messageBytes: Uint8Array, context: SignContext): Promise<SignResult>;
  close(): Promise<void>;
}
