// Owns what can be group-committed: one operation is one request's write with its audit record, or a record alone.
import type { NewApproval, NewRequest, RequestChange } from '../state.ts';

export type Operation =
  | { readonly kind: 'open'; readonly request: NewRequest; readonly auditBody: Uint8Array }
  | { readonly kind: 'advance'; readonly change: RequestChange; readonly auditBody: Uint8Array | null }
  | { readonly kind: 'append'; readonly auditBody: Uint8Array };

/** `skipped`: the request was left as it was, and no record was written. */
export type OperationResult = 'written' | 'skipped';

/** A batch holds at most one operation a request; `null`: about no request. */
export function operationRequestId(operation: Operation): string | null {
  switch (operation.kind) {
    case 'open':
      return operation.request.requestId;
    case 'advance':
      return operation.change.requestId;
    case 'append':
      return null;
  }
}

export function operationApproval(operation: Operation): NewApproval | null {
  switch (operation.kind) {
    case 'open':
      return operation.request.approval;
    case 'advance':
      return operation.change.approval ?? null;
    case 'append':
      return null;
  }
}
