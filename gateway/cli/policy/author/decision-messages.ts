// Owns the reading of recorded decisions from a gateway: as values, with the verdict as it was.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  type ApprovalRequirement as WireApproval,
  type Decision as WireDecision,
  type Limit as WireLimit,
  LimitScope as WireScope,
  CalendarUnit as WireUnit,
  Verdict as WireVerdict,
} from '../../../../proto/gen/countersign/v1/decision_pb.ts';
import type { RecordedDecision } from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import { RequestState as WireState } from '../../../../proto/gen/countersign/v1/transaction_pb.ts';
import type { ApprovalRequirement, Limit, Verdict } from '../../../core/decision/decision.ts';
import { REQUEST_STATES } from '../../../core/request/request-state.ts';
import type { LoggedDecision } from '../../../policy/decision-log/decision-line.ts';

/** Throws an Error for a message that lacks what every recorded decision has. */
export function decisionRecord(recorded: RecordedDecision): LoggedDecision {
  const { requestId, agent, wallet, time, decision, policyInput, stateTime } = recorded;
  if (decision === undefined || time === undefined) {
    throw new Error(`the gateway tells no decision or no time of request ${requestId}`);
  }
  const state = REQUEST_STATES.find((name) => WireState[name] === recorded.state);
  return {
    requestId,
    decisionId: decision.decisionId,
    agentId: agent,
    walletId: wallet,
    time: timestampMs(time),
    bundleRevision: decision.bundleRevision,
    verdict: verdictOf(decision),
    input: policyInput,
    // A gateway of before says neither.
    ...(state === undefined || stateTime === undefined ? {} : { outcome: { state, since: timestampMs(stateTime) } }),
  };
}

function verdictOf(decision: WireDecision): Verdict {
  const reasons = decision.reasons.map(({ code, rule, message, remedy, facts }) => ({
    code,
    rule,
    message,
    ...(remedy === '' ? {} : { remedy }),
    facts: { ...facts },
  }));
  const limits = decision.limits.map(limitOf);
  const limited = limits.length === 0 ? {} : { limits };
  switch (decision.verdict) {
    case WireVerdict.ALLOW:
      return { kind: 'allow', reasons, ...limited };
    case WireVerdict.DENY:
      return { kind: 'deny', reasons };
    case WireVerdict.REQUIRE_APPROVAL:
      return { kind: 'require_approval', reasons, approval: approvalOf(decision.approval), ...limited };
    case WireVerdict.UNSPECIFIED:
  }
  // A newer gateway may name one that this command does not know.
  throw new Error(`decision ${decision.decisionId} has no verdict that is known`);
}

function approvalOf(approval: WireApproval | undefined): ApprovalRequirement {
  if (approval === undefined) throw new Error('a decision requires approval without saying whose');
  const { quorum, groups, perGroup, escalation, timeoutSeconds } = approval;
  return {
    quorum,
    groups: [...groups],
    ...(perGroup.length === 0
      ? {}
      : { perGroup: perGroup.map((seats) => ({ group: seats.group, quorum: seats.quorum })) }),
    ...(escalation === undefined
      ? {}
      : { escalation: { afterSeconds: escalation.afterSeconds, groups: [...escalation.groups] } }),
    timeoutSeconds,
  };
}

const SCOPES = new Map<WireScope, Limit['scope']>([
  [WireScope.AGENT_WALLET, 'agent_wallet'],
  [WireScope.WALLET, 'wallet'],
  [WireScope.AGENT, 'agent'],
  [WireScope.AGENT_GROUP, 'agent_group'],
  [WireScope.GLOBAL, 'global'],
  [WireScope.SESSION, 'session'],
]);

const UNITS = new Map<WireUnit, 'day' | 'week' | 'month'>([
  [WireUnit.DAY, 'day'],
  [WireUnit.WEEK, 'week'],
  [WireUnit.MONTH, 'month'],
]);

function limitOf(limit: WireLimit): Limit {
  const scope = SCOPES.get(limit.scope);
  if (scope === undefined) throw new Error(`limit ${limit.id} has an unknown scope`);
  return {
    id: limit.id,
    scope,
    ...(limit.group === '' ? {} : { group: limit.group }),
    ...(limit.sessionKeyId === '' ? {} : { session: limit.sessionKeyId }),
    measure: measureOf(limit),
    window: windowOf(limit),
    max: BigInt(limit.max),
    onExceed:
      limit.approval === undefined
        ? { kind: 'deny' }
        : { kind: 'require_approval', approval: approvalOf(limit.approval) },
  };
}

function measureOf({ id, measure }: WireLimit): Limit['measure'] {
  if (measure.case === undefined) throw new Error(`limit ${id} has no measure`);
  if (measure.case === 'sponsored') return { kind: 'sponsored', payer: measure.value.payer };
  const program = measure.value.program === '' ? {} : { program: measure.value.program };
  if (measure.case !== 'outflow') return { kind: measure.case, ...program };
  const { asset, recipient, net } = measure.value;
  return { kind: 'outflow', asset, ...(recipient === '' ? {} : { recipient }), ...(net ? { net } : {}), ...program };
}

function windowOf({ id, window }: WireLimit): Limit['window'] {
  switch (window.case) {
    case 'rollingSeconds':
      return { kind: 'rolling', seconds: window.value };
    case 'calendar': {
      const unit = UNITS.get(window.value.unit);
      if (unit === undefined) throw new Error(`limit ${id} has an unknown calendar unit`);
      return { kind: 'calendar', unit, timeZone: window.value.timeZone };
    }
    case 'lifetime':
      return { kind: 'lifetime' };
    case undefined:
      throw new Error(`limit ${id} has no window`);
  }
}
