// Owns how a recorded request and the outcome of a call look on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type {
  PendingApprovalSchema,
  SignAndSendTransactionResponseSchema,
  SigningRequestSchema,
  SignMessageResponseSchema,
  SignTransactionResponseSchema,
} from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState as WireState } from '../../../proto/gen/countersign/v1/transaction_pb.ts';
import { assertNever } from '../../core/assert-never.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { Outcome } from '../../pipeline/outcome.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { decisionMessage, reasonMessages, requirementMessage } from './decision.ts';

export const WIRE_STATES = {
  RECEIVED: WireState.RECEIVED,
  EVALUATED: WireState.EVALUATED,
  DENIED: WireState.DENIED,
  AWAITING_APPROVAL: WireState.AWAITING_APPROVAL,
  SIGNING: WireState.SIGNING,
  SIGNED: WireState.SIGNED,
  SIGNING_FAILED: WireState.SIGNING_FAILED,
  SUBMITTED: WireState.SUBMITTED,
  CONFIRMED: WireState.CONFIRMED,
  FINALIZED: WireState.FINALIZED,
  FAILED: WireState.FAILED,
  EXPIRED: WireState.EXPIRED,
  INDETERMINATE: WireState.INDETERMINATE,
} satisfies Record<RequestState, WireState>;

export function requestMessage(request: RequestRecord): MessageInitShape<typeof SigningRequestSchema> {
  const isMessage = request.ask.method === 'sign_message';
  return {
    requestId: request.requestId,
    agent: request.ask.agentId,
    wallet: request.ask.walletId,
    state: WIRE_STATES[request.state],
    decision: decisionMessage(request.judgement.decision),
    messageDigest: request.judgement.messageDigest,
    signature: (isMessage ? request.walletSignature : request.transactionSignature) ?? '',
    transaction: request.signedTransaction ?? new Uint8Array(),
    slot: request.slot ?? 0n,
    error: request.error ?? '',
    approvalId: request.approvalId ?? '',
    credential: request.judgement.decision.credential ?? '',
    createTime: timestampFromMs(request.createdAt),
    updateTime: timestampFromMs(request.updatedAt),
    ...(isMessage ? { message: request.judgement.transaction } : {}),
  };
}

export function signResponse(outcome: Outcome): MessageInitShape<typeof SignTransactionResponseSchema> {
  const { request } = outcome;
  const answer = answerFields(request);
  switch (outcome.kind) {
    case 'signed': {
      const value = { transaction: signedBytes(request), signature: walletSignature(request) };
      return { ...answer, outcome: { case: 'signed', value } };
    }
    case 'submitted':
      throw new Error('a transaction that was only to be signed was submitted');
    case 'pending_approval':
      return { ...answer, outcome: { case: 'pendingApproval', value: pendingMessage(outcome.approval) } };
    case 'denied':
      return { ...answer, outcome: { case: 'denied', value: { reasons: reasonMessages(outcome.reasons) } } };
    default:
      return assertNever(outcome);
  }
}

export function signMessageResponse(outcome: Outcome): MessageInitShape<typeof SignMessageResponseSchema> {
  const { request } = outcome;
  const answer = answerFields(request);
  switch (outcome.kind) {
    case 'signed':
      return { ...answer, outcome: { case: 'signed', value: { signature: walletSignature(request) } } };
    case 'submitted':
      throw new Error('a message that was only to be signed was submitted');
    case 'pending_approval':
      return { ...answer, outcome: { case: 'pendingApproval', value: pendingMessage(outcome.approval) } };
    case 'denied':
      return { ...answer, outcome: { case: 'denied', value: { reasons: reasonMessages(outcome.reasons) } } };
    default:
      return assertNever(outcome);
  }
}

export function sendResponse(outcome: Outcome): MessageInitShape<typeof SignAndSendTransactionResponseSchema> {
  const { request } = outcome;
  const answer = answerFields(request);
  switch (outcome.kind) {
    case 'signed':
      throw new Error('a transaction that was to be sent was only signed');
    case 'submitted':
      return {
        ...answer,
        outcome: {
          case: 'submitted',
          value: {
            transaction: signedBytes(request),
            signature: present(request.transactionSignature, 'transaction signature'),
            state: WIRE_STATES[request.state],
            slot: request.slot ?? 0n,
            error: request.error ?? '',
          },
        },
      };
    case 'pending_approval':
      return { ...answer, outcome: { case: 'pendingApproval', value: pendingMessage(outcome.approval) } };
    case 'denied':
      return { ...answer, outcome: { case: 'denied', value: { reasons: reasonMessages(outcome.reasons) } } };
    default:
      return assertNever(outcome);
  }
}

function answerFields({ requestId, judgement }: RequestRecord) {
  return {
    requestId,
    decisionId: judgement.decision.decisionId,
    bundleRevision: judgement.decision.bundleRevision,
    messageDigest: judgement.messageDigest,
  };
}

function pendingMessage(approval: ApprovalRecord): MessageInitShape<typeof PendingApprovalSchema> {
  return {
    approvalId: approval.approvalId,
    expiresAt: timestampFromMs(approval.expiresAt),
    requirement: requirementMessage(approval.requirement),
    reasons: reasonMessages(approval.reasons),
  };
}

function signedBytes(request: RequestRecord): Uint8Array {
  return present(request.signedTransaction, 'signed transaction');
}

function walletSignature(request: RequestRecord): string {
  return present(request.walletSignature, 'signature');
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`a request that counts as signed has no ${what}`);
  return value;
}
