// Owns the contract of the requests of the record: opened with what was judged, advanced step by step, found, and handed out when
// they are due.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Charge } from '../../core/budget/charge.ts';
import type { ApprovalRequirement, Decision, Reason } from '../../core/decision/decision.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { RequestPage } from './request-list.ts';

export type RequestMethod = 'sign' | 'sign_and_send' | 'sign_message';

/** What the caller asked, as it asked. */
export interface ComputeBudgetAsk {
  /** To what a simulation uses, and a margin. */
  readonly setUnitLimit: boolean;
  /** 1 to 100, of what was paid of late; `null`: the price stays as it is. */
  readonly pricePercentile: number | null;
  /** Micro-lamports for each compute unit; `null`: the gateway's own bound. */
  readonly maxPrice: bigint | null;
}

export interface RequestAsk {
  readonly method: RequestMethod;
  readonly agentId: string;
  readonly walletId: string;
  /** The wire transaction as received, or the message to be signed. */
  readonly received: Uint8Array;
  readonly setFreshBlockhash: boolean;
  /**
   * What the gateway was asked to set before it judges; absent: nothing. Not recorded: what was set stands in the judged transaction,
   * with which every later pass begins.
   */
  readonly computeBudget?: ComputeBudgetAsk;
  /** `null`: the caller gave none. */
  readonly idempotencyKey: string | null;
  readonly context: Readonly<Record<string, string>>;
}

/** What was judged. A new pass after approval replaces it. */
export interface Judgement {
  readonly decision: Decision;
  /** Canonical JSON, exactly the bytes that were evaluated. */
  readonly policyInput: Uint8Array;
  /** The wire transaction that was judged (with the fresh blockhash, if the gateway set one), or the message. */
  readonly transaction: Uint8Array;
  /** SHA-256 of the message bytes. */
  readonly messageDigest: Uint8Array;
  /** What a vote names: SHA-256 over the message, its lifetime zeroed when the gateway sets it. */
  readonly intentDigest: Uint8Array;
  /** Above this block height its blockhash is dead; what lives by a durable nonce may outlive it. `null`: it is a message. */
  readonly lastValidBlockHeight: bigint | null;
}

export interface NewApproval {
  readonly approvalId: string;
  readonly requirement: ApprovalRequirement;
  readonly reasons: readonly Reason[];
  /** Ids of the limits that the approvers let it exceed. */
  readonly excess: readonly string[];
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** What must hold in the transaction that records an intent, or it is not recorded. */
export interface Terms {
  /** Reserved all together or not at all. */
  readonly charges: readonly Charge[];
  /** Ids of limits among them that approvers let it exceed: counted, but not enforced. */
  readonly excess: readonly string[];
  /** Version of the controls that it was checked against. */
  readonly controls: bigint;
}

/**
 * Where keys are, as of a signer (signers/signer.ts): only of one that is `process` it is certain that nobody else has signed, or signs the
 * same message again. `remote` too where it is not known, and for a fee payer that is not asked.
 */
export interface KeyCustody {
  readonly wallet: 'process' | 'remote';
  readonly feePayer: 'process' | 'remote';
}

export interface NewRequest {
  readonly requestId: string;
  readonly ask: RequestAsk;
  /** SHA-256 over method, wallet, received bytes, setFreshBlockhash and context: what an idempotency key is bound to. */
  readonly askDigest: Uint8Array;
  readonly judgement: Judgement;
  /** The state that the judgement led to. */
  readonly state: 'DENIED' | 'AWAITING_APPROVAL' | 'SIGNING';
  /** Exactly with AWAITING_APPROVAL. */
  readonly approval: NewApproval | null;
  /** Exactly with SIGNING. */
  readonly terms: Terms | null;
  /** Exactly with SIGNING: of the keys that are about to be asked. */
  readonly custody?: KeyCustody;
  /** When the background worker should look at it (unix milliseconds); `null`: never. */
  readonly dueAt: number | null;
}

export interface RequestRecord {
  readonly requestId: string;
  readonly ask: RequestAsk;
  readonly askDigest: Uint8Array;
  readonly judgement: Judgement;
  readonly state: RequestState;
  /** Of the keys that were asked, where the gateway that did so has recorded it. */
  readonly custody: KeyCustody;
  /** The newest approval of this request. */
  readonly approvalId: string | null;
  /** Wire transaction with the wallet's signature; `null` until SIGNED, and of a message always. */
  readonly signedTransaction: Uint8Array | null;
  /** Base58 of the wallet's signature; `null` until SIGNED. */
  readonly walletSignature: string | null;
  /** Base58 of the first signature, under which the cluster knows it; `null` until SIGNED, while the fee payer has not signed, and of a message. */
  readonly transactionSignature: string | null;
  /** Slot in which it was seen; `null` while it was not. */
  readonly slot: bigint | null;
  /** Why it failed, in one sentence; `null` where it did not. */
  readonly error: string | null;
  /** Somebody will look at it again. */
  readonly isDue: boolean;
  /** Unix milliseconds by the database's clock. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type OpenResult =
  | { readonly kind: 'opened' }
  /** The same principal used the idempotency key before; compare `askDigest`. */
  | { readonly kind: 'exists'; readonly request: RequestRecord }
  /**
   * Another request already signs these very message bytes, though both asked for a fresh blockhash: the cluster would take them
   * for one transaction. Judge again with another blockhash.
   */
  | { readonly kind: 'duplicate_message' }
  | NotWithin;

/** Nothing was written. */
export type NotWithin =
  /** No room within these limits. */
  | { readonly kind: 'exceeded'; readonly limitIds: readonly string[] }
  /** Operators froze or lifted something since it was checked: check again. */
  | { readonly kind: 'controls_changed' };

/** A move from one state to another (or to itself with new facts). Fields that are absent stay as they are. */
export interface RequestChange {
  readonly requestId: string;
  readonly from: RequestState;
  readonly to: RequestState;
  readonly judgement?: Judgement;
  readonly approval?: NewApproval;
  readonly signedTransaction?: Uint8Array;
  readonly walletSignature?: string;
  readonly transactionSignature?: string;
  readonly slot?: bigint | null;
  /** `null`: what was recorded does not hold any more. */
  readonly error?: string | null;
  /** Exactly with a move to SIGNING. */
  readonly terms?: Terms;
  /** Exactly with a move to SIGNING: of the keys that are about to be asked. */
  readonly custody?: KeyCustody;
  /** With a move to SIGNED: the version of the controls that still lets the signature leave. */
  readonly controls?: bigint;
  /**
   * With a move out of AWAITING_APPROVAL, or back there: the approval that it acts on. Stale where approvers were asked again meanwhile; a
   * move to SIGNING also where it is not APPROVED, or its time is over by the database's clock.
   */
  readonly onApproval?: string | null;
  /** When the background worker should look next; `null`: never again. */
  readonly dueAt: number | null;
}

export type AdvanceResult =
  | { readonly kind: 'advanced' }
  /** The request was no longer in `from`: somebody else moved it, and nothing was written. */
  | { readonly kind: 'stale' }
  /** As for `open`; nothing was written. Only a change with a new judgement meets it. */
  | { readonly kind: 'duplicate_message' }
  | NotWithin;

export interface RequestStore {
  /** Commits the request and its audit record. Group-committed: safe to call from many requests at once. */
  open(request: NewRequest, audit: AuditEntry): Promise<OpenResult>;
  /** Compare and set on the state; commits with the audit record. `null` audit: nothing worth recording changed. */
  advance(change: RequestChange, audit: AuditEntry | null): Promise<AdvanceResult>;
  find(requestId: string): Promise<RequestRecord | null>;
  findByIdempotencyKey(agentId: string, idempotencyKey: string): Promise<RequestRecord | null>;
  /**
   * `signature`: base58, of the wallet or the first one of the transaction. The newest of several requests of the agent for the same
   * bytes; those of others for them do not count.
   */
  findBySignature(agentId: string, signature: string): Promise<RequestRecord | null>;
  /**
   * Requests whose `dueAt` has passed by the database's clock, those that wait longest (the default) or those that became due last, each
   * handed to one worker only: `dueAt` is set to now + leaseMs.
   */
  claimDue(limit: number, leaseMs: number, order?: ClaimOrder): Promise<readonly RequestRecord[]>;
  /** What was judged, in order of time, after the request `after` (`null`: from the first); shorter than `limit` only at the end. */
  readJudged(filter: JudgedFilter, after: string | null, limit: number): Promise<readonly RequestRecord[]>;
  /** The newest first. */
  list(page: RequestPage): Promise<readonly RequestRecord[]>;
  /** Calls back when the request changed, here or in another process; returns how to stop. May call without a change. */
  onChange(requestId: string, callback: () => void): () => void;
}

export type ClaimOrder = 'oldest' | 'newest';

/** `null`: any. */
export interface JudgedFilter {
  /** Unix milliseconds; requests that came in then or later. */
  readonly from: number | null;
  /** Requests that came in before. */
  readonly to: number | null;
  readonly agentId: string | null;
  readonly walletId: string | null;
}
