// Owns what the end of a call before its answer means, and which fault it becomes.
import { type ErrorName, GatewayError } from '../core/errors.ts';

/** The edge aborts with a GatewayError; whatever else ends a signal counts as cancelled. */
export function abortReason(signal: AbortSignal): ErrorName {
  return signal.reason instanceof GatewayError ? signal.reason.reason : 'CANCELLED';
}

/** `when`: completes "the caller left …". */
export function abortText({ reason }: AbortSignal, when: string): string {
  return reason instanceof GatewayError && reason.reason === 'FROZEN' ? reason.message : `the caller left ${when}`;
}

/** For stages before the signature only. */
export function throwBeforeSigning(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new GatewayError(abortReason(signal), 'the caller left or its deadline passed; nothing was signed');
}
