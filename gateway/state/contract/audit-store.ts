// Owns the contract of the audit chain: appended to, read, and shortened at its old end.
import type { AuditEntry, AuditRecord } from '../../core/audit/audit-record.ts';

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
  /** Session keys that expired more than so many milliseconds ago, and on which nothing hangs any more, with their budgets. */
  deleteSessionKeys(expiredForMs: number, limit: number): Promise<number>;
}
