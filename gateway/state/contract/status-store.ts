// Owns the contract of the facts of how everything stands that only the record knows.
import type { OpenRequests, PendingApprovals } from '../../core/status/findings.ts';

export interface RecordStatus {
  readonly schema: { readonly found: number; readonly known: number };
  readonly open: readonly OpenRequests[];
  readonly approvals: PendingApprovals;
}

export interface StatusStore {
  read(): Promise<RecordStatus>;
}
