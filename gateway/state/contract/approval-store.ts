// Owns the contract of approvals and their votes, and of the public keys that sign votes.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { ApprovalRequirement, Reason } from '../../core/decision/decision.ts';
import type { Operator } from '../../core/principal/principal.ts';

export type ApprovalState = 'PENDING' | 'APPROVED' | 'REJECTED' | 'TIMED_OUT' | 'SUPERSEDED';

export interface Vote {
  readonly approverId: string;
  readonly approve: boolean;
  readonly comment: string;
  readonly time: number;
  /** Those that the approver is in, and has been since before the vote. */
  readonly groups: readonly string[];
  /** Whether the approver is enabled, and has been an approver since before the vote, and the key that signed is not revoked. */
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
  /** Of this reading, by the database's clock, which alone says whether its time is over; Unix milliseconds as all of these. */
  readonly readAt: number;
  /** When members of the groups of the escalation came to vote as well; `null`: they may not. */
  readonly escalatedAt: number | null;
  /** Of the same request; `null`: it is not superseded, or nobody was asked again. */
  readonly supersededBy: string | null;
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
