// Owns what can be group-committed: one operation is one request's write with its audit record, or a record alone.
import type { Judgement, NewApproval, NewRequest, NotWithin, RequestChange, Terms } from '../contract/request-store.ts';

export type Operation =
  | { readonly kind: 'open'; readonly request: NewRequest; readonly auditBody: Uint8Array }
  | { readonly kind: 'advance'; readonly change: RequestChange; readonly auditBody: Uint8Array | null }
  | { readonly kind: 'append'; readonly auditBody: Uint8Array };

/** But for `written`: the request was left as it was, and no record was written. */
export type OperationResult =
  | { readonly kind: 'written' }
  /** Its id or its idempotency key exists, or it is in another state by now. */
  | { readonly kind: 'skipped' }
  | NotWithin;

export const WRITTEN: OperationResult = { kind: 'written' };

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

/** `null`: it charges nothing, and nothing can forbid it. */
export function operationTerms(operation: Operation): Terms | null {
  switch (operation.kind) {
    case 'open':
      return operation.request.terms;
    case 'advance':
      return operation.change.terms ?? null;
    case 'append':
      return null;
  }
}

export function operationJudgement(operation: Operation): Judgement | null {
  switch (operation.kind) {
    case 'open':
      return operation.request.judgement;
    case 'advance':
      return operation.change.judgement ?? null;
    case 'append':
      return null;
  }
}

/** The version of the controls that must be in force; `null`: any. */
export function operationControls(operation: Operation): bigint | null {
  const controls = operation.kind === 'advance' ? operation.change.controls : undefined;
  return controls ?? operationTerms(operation)?.controls ?? null;
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
