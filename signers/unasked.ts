// Owns what a remote backend answers without asking its service: the call is over already, or there is nothing to sign.
import type { SignContext, SignResult } from './signer.ts';

/** `null`: the service is to be asked. */
export function answerUnasked(
  messageBytes: Uint8Array,
  { deadline, signal }: SignContext,
  isClosed: boolean,
): SignResult | null {
  if (isClosed) return unsent('the signer is closed');
  if (signal.aborted) return unsent('the call was aborted before the service was asked');
  if (!(Date.now() < deadline)) return unsent('the deadline passed before the service was asked');
  return messageBytes.length === 0 ? { kind: 'refused', reason: 'an empty message is never signed' } : null;
}

function unsent(reason: string): SignResult {
  return { kind: 'unavailable', reason, ambiguous: false };
}
