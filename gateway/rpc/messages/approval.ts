// Owns how an approval looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type ApprovalLimitSchema,
  type ApprovalSchema,
  type VoteSchema,
  ApprovalState as WireState,
} from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { escalatesAt } from '../../core/approval/escalates-at.ts';
import { left, type StandingOf } from '../../core/budget/standing.ts';
import type { AssetUnits } from '../../core/explanation/amounts.ts';
import { freezeText } from '../../pipeline/approval/frozen-approval.ts';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import type { ApprovalState, Vote } from '../../state/contract/approval-store.ts';
import { refuseField } from '../fields.ts';
import { unitMessage } from './asset-unit.ts';
import { reasonMessages, requirementMessage } from './decision.ts';
import { effectsMessage } from './effects.ts';
import { limitMessage } from './limit.ts';
import { judgedMessage } from './message.ts';
import { WIRE_STATES } from './request.ts';
import { transactionMessage } from './transaction.ts';

type WireVote = MessageInitShape<typeof VoteSchema>;

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
  const escalates = escalatesAt(approval);
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
    votes: approval.votes.map((vote) => voteMessage(vote, view.notCounted.get(vote.approverId))),
    createTime: timestampFromMs(approval.createdAt),
    expiresAt: timestampFromMs(approval.expiresAt),
    countedVotes: view.standing.counted,
    missingVotes: view.standing.missing,
    openSeats: view.standing.openSeats.map((seats) => ({ ...seats })),
    ...(escalates === null ? {} : { escalatesAt: timestampFromMs(escalates) }),
    escalated: approval.escalatedAt !== null,
    frozen: view.frozen === null ? '' : freezeText(view.frozen),
    limits: view.limits.map((standing) => limitStanding(standing, approval.excess, view.units)),
    supersededBy: approval.supersededBy ?? '',
    requestState: WIRE_STATES[request.state],
    changes: view.changes.map(({ path, before, after }) => ({ path, before: before ?? '', after: after ?? '' })),
  };
}

function voteMessage(vote: Vote, notCounted: string | undefined): WireVote {
  const { approverId, approve, comment, time, groups, counts, signature } = vote;
  return {
    approver: approverId,
    approve,
    comment,
    time: timestampFromMs(time),
    groups: [...groups],
    counts,
    notCounted: notCounted ?? '',
    ...(signature === undefined ? {} : { signature: { ...signature, time: timestampFromMs(signature.time) } }),
  };
}

function limitStanding(
  standing: StandingOf,
  excess: readonly string[],
  units: AssetUnits,
): MessageInitShape<typeof ApprovalLimitSchema> {
  const { limit, amount, used, reserved } = standing;
  const rest = left(standing);
  return {
    limit: limitMessage(limit),
    amount: amount.toString(),
    used: used.toString(),
    reserved: reserved.toString(),
    left: rest.toString(),
    exceedsBy: (amount > rest ? amount - rest : 0n).toString(),
    excessAsked: excess.includes(limit.id),
    ...unitMessage(limit.measure, units),
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
