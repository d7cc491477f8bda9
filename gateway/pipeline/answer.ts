// Owns what a recorded request means to the one who asked: the same record gives the same answer, now or on a repeated call.
import { assertNever } from '../core/assert-never.ts';
import type { Reason } from '../core/decision/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import type { State } from '../state/contract/state.ts';
import { isLost, lostEarlier, recordedError } from './lost-signature.ts';
import type { Outcome } from './outcome.ts';

/** Throws GatewayError for a request that ended without a signature by a fault. */
export async function answerOf(state: State, request: RequestRecord): Promise<Outcome> {
  switch (request.state) {
    case 'DENIED':
      return { kind: 'denied', request, reasons: request.judgement.decision.verdict.reasons };
    case 'AWAITING_APPROVAL':
      return pending(state, request);
    case 'SIGNING_FAILED':
      throw signingFailed(request);
    case 'EXPIRED':
      if (request.signedTransaction !== null) return handedOver(request);
      if (recordedError(request) !== null) throw lostEarlier(request);
      return { kind: 'denied', request, reasons: [expiredBeforeApproval(request)] };
    case 'SIGNED':
      if (request.ask.method === 'sign_and_send' && request.error !== null) throw notSent(request, request.error);
      return handedOver(request);
    case 'SUBMITTED':
    case 'CONFIRMED':
    case 'FINALIZED':
    case 'FAILED':
    case 'INDETERMINATE':
      if (isLost(request)) throw lostEarlier(request);
      return handedOver(request);
    case 'RECEIVED':
    case 'EVALUATED':
    case 'SIGNING':
      throw new GatewayError('INTERNAL', `the request ${request.requestId} is still ${request.state}`);
    default:
      return assertNever(request.state);
  }
}

function handedOver(request: RequestRecord): Outcome {
  return { kind: request.ask.method === 'sign_and_send' ? 'submitted' : 'signed', request };
}

/** The only error of a request in this state: operators froze what it touches. */
function notSent({ requestId }: RequestRecord, error: string): GatewayError {
  return new GatewayError('FROZEN', error, { metadata: { request_id: requestId } });
}

async function pending(state: State, request: RequestRecord): Promise<Outcome> {
  const approval = request.approvalId === null ? null : await state.approvals.find(request.approvalId);
  if (approval === null) {
    throw new GatewayError('INTERNAL', `the request ${request.requestId} waits for an approval that is not recorded`);
  }
  return { kind: 'pending_approval', request, approval };
}

function expiredBeforeApproval(request: RequestRecord): Reason {
  const message = request.error ?? 'the blockhash died before the approval; ask again with set_fresh_blockhash';
  return { code: 'LIFETIME_EXPIRED', rule: 'gateway', message, facts: {} };
}

function signingFailed(request: RequestRecord): GatewayError {
  const { code, message } = recordedError(request) ?? NO_SIGNATURE;
  return new GatewayError(code, `${message}; nothing was signed`, { metadata: { request_id: request.requestId } });
}

const NO_SIGNATURE = { code: 'SIGNING_INTERRUPTED', message: 'no signature left the gateway' } as const;
