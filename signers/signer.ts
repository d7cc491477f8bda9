// Owns the contract of a signer: something that holds a key and signs the bytes it is given, no others.

interface CallBounds {
  /** Unix milliseconds after which the answer is of no use. */
  readonly deadline: number;
  /** The same for a retry with the same bytes. */
  readonly idempotencyKey: string;
  /** Aborted at the deadline and on shutdown. */
  readonly signal: AbortSignal;
  /** Whom the call is for, by any name: callers take turns where they wait for a signer. Those without one are one caller. */
  readonly caller?: string;
}

/** What the bytes are. A backend that signs only what it can judge itself refuses what it does not know. */
export type SignContext =
  | (CallBounds & {
      readonly kind: 'transaction';
      /** The whole wire transaction, for backends that judge it themselves. The signer's own slot is still empty. */
      readonly wireTransaction: Uint8Array;
    })
  /** A message that is no transaction: there is nothing but its bytes, plain or in the off-chain message format. */
  | (CallBounds & { readonly kind: 'message' });

/** The zero of this union is nothing: there is no result that means "signed" by accident. */
export type SignResult =
  | {
      readonly kind: 'signed';
      /** 64 bytes, not yet trusted. */
      readonly signature: Uint8Array;
      /** Which of several signers of the key made it; absent: the one that was asked. */
      readonly madeBy?: Pick<Signer, 'name' | 'backend'>;
    }
  /** The backend understood the request and will not sign it, now or later. */
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'unavailable';
      /** For people and the audit chain: without secrets, see net/endpoint.ts. */
      readonly reason: string;
      /** The backend may have made a signature that did not arrive here; others who see into the backend may have it. */
      readonly ambiguous: boolean;
      /** The backend asked to be left alone so long. */
      readonly retryAfterMs?: number;
      /**
       * Where the service works, and this call alone got nothing. `throttled`: too many calls, or a used up quota. `open`: it waits there
       * for people. Absent: the service, the way to it or the credentials are at fault, which after a few times in a row is left alone.
       */
      readonly cause?: 'throttled' | 'open';
    }
  /** So many calls wait for the backend already that this one was not begun. */
  | { readonly kind: 'overloaded'; readonly reason: string };

/** What a harmless round trip showed: the credentials are good, and the key is there and is the right one. Nothing is signed. */
export type SignerCheck =
  /** `detail`: what the backend says of the key, for people. */
  | { readonly kind: 'ready'; readonly detail: string }
  | {
      readonly kind: 'failed';
      /** Key of the signer's entry in the configuration that is to be looked at; `null`: the backend is at fault. */
      readonly field: string | null;
      readonly reason: string;
    };

/**
 * A partial signer: it may add its own signature and nothing else. Backends make one attempt a call and know no deadline but the signal's;
 * retries, bulkhead, circuit breaker and the verification of what they answer are put round them by signers/guard.
 */
export interface Signer {
  /** Name from the configuration. */
  readonly name: string;
  /** Backend kind, for metrics and audit: `local-keypair`, … */
  readonly backend: string;
  /** Base58 address of the key. */
  readonly address: string;
  /**
   * `process`: a signature exists nowhere but here until it is given out. `remote`: a call that was begun and not answered may have left
   * one behind.
   */
  readonly custody: 'process' | 'remote';
  /** Whether the same call again does no harm at the backend. Ed25519 signs the same bytes the same way; an approval flow may not. */
  readonly repeatable: boolean;
  /** Never throws for a refusal or an outage; both are results. */
  sign(messageBytes: Uint8Array, context: SignContext): Promise<SignResult>;
  check(signal: AbortSignal): Promise<SignerCheck>;
  close(): Promise<void>;
}
