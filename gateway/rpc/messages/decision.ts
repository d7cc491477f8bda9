// Owns how a decision looks on the wire.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ApprovalRequirementSchema,
  type DecisionSchema,
  type ReasonSchema,
  Verdict as WireVerdict,
} from '../../../proto/gen/countersign/v1/decision_pb.ts';
import type { ApprovalRequirement, Decision, Reason, Verdict } from '../../core/decision/decision.ts';
import { limitMessage } from './limit.ts';

export type WireReason = MessageInitShape<typeof ReasonSchema>;

export const VERDICTS = {
  allow: WireVerdict.ALLOW,
  deny: WireVerdict.DENY,
  require_approval: WireVerdict.REQUIRE_APPROVAL,
} satisfies Record<Verdict['kind'], WireVerdict>;

export function decisionMessage(decision: Decision): MessageInitShape<typeof DecisionSchema> {
  const { verdict } = decision;
  return {
    decisionId: decision.decisionId,
    verdict: VERDICTS[verdict.kind],
    reasons: reasonMessages(verdict.reasons),
    bundleRevision: decision.bundleRevision,
    inputDigest: decision.inputDigest,
    limits: verdict.kind === 'deny' ? [] : (verdict.limits ?? []).map(limitMessage),
    ...(verdict.kind === 'require_approval' ? { approval: requirementMessage(verdict.approval) } : {}),
  };
}

export function reasonMessages(reasons: readonly Reason[]): WireReason[] {
  return reasons.map(({ code, rule, message, remedy = '', facts }) => ({
    code,
    rule,
    message,
    remedy,
    facts: { ...facts },
  }));
}

export function requirementMessage(
  requirement: ApprovalRequirement,
): MessageInitShape<typeof ApprovalRequirementSchema> {
  const { quorum, groups, perGroup = [], escalation, timeoutSeconds } = requirement;
  return {
    quorum,
    groups: [...groups],
    perGroup: perGroup.map((seats) => ({ ...seats })),
    ...(escalation === undefined
      ? {}
      : { escalation: { afterSeconds: escalation.afterSeconds, groups: [...escalation.groups] } }),
    timeoutSeconds,
  };
}
