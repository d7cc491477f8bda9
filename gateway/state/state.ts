// Owns the contract of the durable record: requests, approvals, principals and the audit chain, in one Postgres.
// Every write that a request causes commits together with its audit record, or not at all.

import type { AuditEntry, AuditRecord } from '../core/audit/audit-record.ts';
import type { Charge } from '../core/budget/charge.ts';
import type { ApprovalRequirement, Decision, Reason } from '../core/decision/decision.ts';
import type { Agent, Operator, Principal, Wallet } from '../core/principal/principal.ts';
import type { RequestState } from '../core/request/request-state.ts';
import type { BudgetStore } from './budget-store.ts';
import type { ControlStore } from './control-store.ts';
import type { PolicyStore } from './policy-store.ts';
import type { RequestPage } from './request-list.ts';
import type { ReservationStore } from './reservation-store.ts';
import type { SessionKeyStore } from './session-key-store.ts';
import type { StatusStore } from './status-store.ts';
import type { WalletCheckStore } from './wallet-check-store.ts';

export type RequestMethod = 'sign' | 'sign_and_send' | 'sign_message';

/** What the caller asked, as it asked. */
export interface RequestAsk {
  readonly method: RequestMethod;
  readonly agentId: string;
  readonly walletId: string;
  /** The wire transaction as received, or the message to be signed. */
  readonly received: Uint8Array;
  readonly setFreshBlockhash: boolean;
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
  /** When the background worker should look at it (unix milliseconds); `null`: never. */
  readonly dueAt: number | null;
}

export interface RequestRecord {
  readonly requestId: string;
  readonly ask: RequestAsk;
  readonly askDigest: Uint8Array;
  readonly judgement: Judgement;
  readonly state: RequestState;
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
  /** With a move to SIGNED: the version of the controls that still lets the signature leave. */
  readonly controls?: bigint;
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

export type ApprovalState = 'PENDING' | 'APPROVED' | 'REJECTED' | 'TIMED_OUT' | 'SUPERSEDED';

export interface Vote {
  readonly approverId: string;
  readonly approve: boolean;
  readonly comment: string;
  readonly time: number;
  /** Of the approver now. */
  readonly groups: readonly string[];
  /** Whether the approver is enabled and an approver now, and the key that signed is not revoked. */
  readonly counts: boolean;
  /** Absent: not signed. */
  readonly signature?: VoteSignature;
}

/** Over `voteMessage` (core/approval). */
export interface VoteSignature {
  /** Base58 of the Ed25519 public key. */
  readonly key: string;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** Unix milliseconds by the clock of whoever signed. */
  readonly time: number;
}

export interface WithdrawAsk {
  readonly approvalId: string;
  readonly approver: Operator;
}

export interface VoteAsk extends WithdrawAsk {
  readonly approve: boolean;
  readonly intentDigest: Uint8Array;
  readonly comment: string;
  /** Verified by the caller; `null`: not signed. */
  readonly signature: VoteSignature | null;
  /** Votes that are not signed do not count. */
  readonly onlySigned: boolean;
  /** Version of the controls under which nothing of it was frozen. */
  readonly controls: bigint;
}

export interface ApprovalRecord {
  readonly approvalId: string;
  readonly requestId: string;
  readonly agentId: string;
  readonly walletId: string;
  readonly state: ApprovalState;
  readonly requirement: ApprovalRequirement;
  readonly reasons: readonly Reason[];
  readonly excess: readonly string[];
  readonly intentDigest: Uint8Array;
  readonly votes: readonly Vote[];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When members of the groups of the escalation came to vote as well; `null`: they may not. */
  readonly escalatedAt: number | null;
}

export type VoteResult =
  | { readonly kind: 'recorded'; readonly approval: ApprovalRecord }
  | { readonly kind: 'not_found' }
  /** Operators froze or lifted something since it was looked at: look again. */
  | { readonly kind: 'controls_changed' }
  /**
   * One sentence for the approver: not pending any more, past its time, other digest, already voted, not in a group, own request, no
   * signature that counts, nothing to withdraw.
   */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ApprovalStore {
  find(approvalId: string): Promise<ApprovalRecord | null>;
  /** Newest first. `after`: the last approval id of the page before. */
  list(filter: {
    readonly states: readonly ApprovalState[];
    readonly limit: number;
    readonly after: string | null;
  }): Promise<readonly ApprovalRecord[]>;
  /**
   * Records one vote with its audit record. The vote that reaches the quorum makes the approval APPROVED, a rejection makes it
   * REJECTED; both make the request due at once. Votes of disabled principals do not count. Who approved may still reject.
   */
  vote(vote: VoteAsk, audit: AuditEntry): Promise<VoteResult>;
  /** Takes back a vote on what is still PENDING. */
  withdraw(vote: WithdrawAsk, audit: AuditEntry): Promise<VoteResult>;
  /** Lets the groups of the escalation vote, once its time has come by the database's clock. */
  escalate(approvalId: string, audit: AuditEntry): Promise<'escalated' | 'not_due'>;
  /** Open (PENDING) approvals, for the metric. */
  countPending(): Promise<number>;
}

export interface PrincipalRecord {
  readonly principal: Principal;
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

export interface ApiKeyRecord {
  readonly keyId: string;
  readonly principalId: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface ApproverKeyRecord {
  /** Base58, Ed25519. */
  readonly publicKey: string;
  readonly operatorId: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** Keys with which operators sign votes. A key is of one operator for ever. */
export interface ApproverKeyStore {
  register(
    key: { readonly publicKey: string; readonly operatorId: string },
    audit: AuditEntry,
  ): Promise<ApproverKeyRecord | 'not_found' | 'exists'>;
  /** `null`: of all operators. */
  list(operatorId: string | null): Promise<readonly ApproverKeyRecord[]>;
  revoke(publicKey: string, audit: AuditEntry): Promise<ApproverKeyRecord | 'not_found'>;
}

export interface PrincipalStore {
  create(principal: Agent | Operator, audit: AuditEntry): Promise<PrincipalRecord | 'exists' | 'unknown_wallet'>;
  list(): Promise<readonly PrincipalRecord[]>;
  disable(principalId: string, audit: AuditEntry): Promise<PrincipalRecord | 'not_found'>;
  /** Stores only the SHA-256 of the secret. */
  createKey(
    key: { readonly keyId: string; readonly principalId: string; readonly secretHash: Uint8Array },
    audit: AuditEntry,
  ): Promise<ApiKeyRecord | 'not_found'>;
  listKeys(principalId: string | null): Promise<readonly ApiKeyRecord[]>;
  revokeKey(keyId: string, audit: AuditEntry): Promise<ApiKeyRecord | 'not_found'>;
  /** The principal of a key that is not revoked and whose principal is not disabled. Not cached here. */
  findByKey(keyId: string): Promise<{ readonly principal: Principal; readonly secretHash: Uint8Array } | null>;
  bindWallet(agentId: string, walletId: string, audit: AuditEntry): Promise<'bound' | 'not_found'>;
  unbindWallet(agentId: string, walletId: string, audit: AuditEntry): Promise<'unbound' | 'not_found'>;
  hasOperator(): Promise<boolean>;
}

export interface WalletStore {
  /** Makes the table hold the configured wallets; refuses (throws) to give a known id another address. */
  sync(wallets: readonly Wallet[]): Promise<void>;
  list(): Promise<readonly Wallet[]>;
}

export interface AuditPosition {
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}

export type PruneResult =
  | { readonly kind: 'pruned' }
  | { readonly kind: 'not_found' }
  /** The record of that sequence has another hash. */
  | { readonly kind: 'other_hash' }
  /** The chain begins behind it already. */
  | { readonly kind: 'pruned_before'; readonly anchor: AuditPosition };

export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  get(sequence: bigint): Promise<AuditRecord | null>;
  /** Ascending, without a gap. */
  readAfter(sequence: bigint, limit: number): Promise<readonly AuditRecord[]>;
  /** `null`: the chain is empty. */
  head(): Promise<AuditPosition | null>;
  /** The last record that was pruned, from which the chain goes on; `null`: it begins with its first. */
  anchor(): Promise<AuditPosition | null>;
  /** From now on the chain begins behind this record. What lies before is deleted later (`RetentionStore`). */
  prune(ask: AuditPosition & { readonly by: string }, audit: AuditEntry): Promise<PruneResult>;
  /** Calls back when records were appended, here or in another process; returns how to stop. May call without a record. */
  onAppend(callback: () => void): () => void;
}

/** Removes what is no longer kept, in bounded steps of which one gateway at a time does one. */
export interface RetentionStore {
  /** Audit records that were pruned. Returns how many went; 0: none is left, or another gateway is at it. */
  deletePrunedAudit(limit: number): Promise<number>;
  /** Requests that came in more than so many milliseconds ago, and that nothing can move any more, with their approvals and votes. */
  deleteRequests(olderThanMs: number, limit: number): Promise<number>;
}

/** Every method throws GatewayError STORE_UNAVAILABLE while Postgres is away, and works again when it is back. */
export interface State {
  readonly requests: RequestStore;
  readonly approvals: ApprovalStore;
  readonly approverKeys: ApproverKeyStore;
  readonly principals: PrincipalStore;
  readonly sessionKeys: SessionKeyStore;
  readonly wallets: WalletStore;
  readonly walletChecks: WalletCheckStore;
  readonly status: StatusStore;
  readonly budgets: BudgetStore;
  readonly reservations: ReservationStore;
  readonly controls: ControlStore;
  readonly policy: PolicyStore;
  readonly audit: AuditStore;
  readonly retention: RetentionStore;
  /** One cheap round trip, for readiness. */
  ping(): Promise<void>;
  /** Unix milliseconds by the database's clock. */
  time(): Promise<number>;
  /** Flushes what is queued, then closes. */
  close(): Promise<void>;
}
