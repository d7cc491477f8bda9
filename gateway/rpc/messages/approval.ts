// Owns how an approval looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type ApprovalSchema, ApprovalState as WireState } from '../../../proto/gen/countersign/v1/approval_pb.ts';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import type { ApprovalState } from '../../state/state.ts';
import { refuseField } from '../fields.ts';
import { reasonMessages, requirementMessage } from './decision.ts';
import { effectsMessage } from './effects.ts';
import { judgedMessage } from './message.ts';
import { transactionMessage } from './transaction.ts';

const STATES = {
  PENDING: WireState.PENDING,
  APPROVED: WireState.APPROVED,
  REJECTED: WireState.REJECTED,
  TIMED_OUT: WireState.TIMED_OUT,
  SUPERSEDED: WireState.SUPERSEDED,
} satisfies Record<ApprovalState, WireState>;

const NAMES: readonly ApprovalState[] = ['PENDING', 'APPROVED', 'REJECTED', 'TIMED_OUT', 'SUPERSEDED'];

export function approvalMessage(view: ApprovalView): MessageInitShape<typeof ApprovalSchema> {
  const { approval, request } = view;
  return {
    approvalId: approval.approvalId,
    requestId: approval.requestId,
    agent: approval.agentId,
    wallet: approval.walletId,
    walletAddress: view.walletAddress,
    state: STATES[approval.state],
    requirement: requirementMessage(approval.requirement),
    reasons: reasonMessages(approval.reasons),
    intentDigest: approval.intentDigest,
    ...(view.transaction === null ? {} : { transaction: transactionMessage(view.transaction) }),
    ...(view.effects === null ? {} : { effects: effectsMessage(view.effects) }),
    ...(view.message === null ? {} : { message: judgedMessage(request.judgement.transaction, view.message) }),
    context: { ...request.ask.context },
    votes: approval.votes.map(({ approverId, approve, comment, time }) => ({
      approver: approverId,
      approve,
      comment,
      time: timestampFromMs(time),
    })),
    createTime: timestampFromMs(approval.createdAt),
    expiresAt: timestampFromMs(approval.expiresAt),
  };
}

/** Each state once; none asked for means the pending ones. Throws INVALID_FIELD. */
export function approvalStates(values: readonly number[]): readonly ApprovalState[] {
  if (values.length === 0) return ['PENDING'];
  const asked = new Set(values);
  for (const value of asked) {
    if (!NAMES.some((name) => STATES[name] === value)) {
      refuseField('states', `among ${NAMES.join(', ')}`, value === 0 ? 'UNSPECIFIED' : String(value));
    }
  }
  return NAMES.filter((name) => asked.has(STATES[name]));
}
