// Owns a verdict as the decision document that a policy gives: what parse-verdict.ts reads, it reads back.
import type { CanonicalValue } from '../canonical-json.ts';
import type { ApprovalRequirement, Limit, LimitMeasure, LimitWindow, Reason, Verdict } from './decision.ts';

/** Facts are text, amounts too. */
export function verdictJson(verdict: Verdict): CanonicalValue {
  const limits = verdict.kind === 'deny' ? [] : (verdict.limits ?? []);
  return {
    v: 1n,
    decision: verdict.kind,
    reasons: verdict.reasons.map(reasonJson),
    limits: limits.map(limitJson),
    approval: verdict.kind === 'require_approval' ? approvalJson(verdict.approval) : null,
  };
}

function reasonJson({ code, rule, message, remedy, facts }: Reason): CanonicalValue {
  return { code, rule, message, ...(remedy === undefined ? {} : { remedy }), facts };
}

export function approvalJson({
  quorum,
  groups,
  perGroup,
  escalation,
  timeoutSeconds,
}: ApprovalRequirement): CanonicalValue {
  return {
    quorum: BigInt(quorum),
    groups,
    ...(perGroup === undefined
      ? {}
      : { per_group: perGroup.map((seats) => ({ group: seats.group, quorum: BigInt(seats.quorum) })) }),
    ...(escalation === undefined
      ? {}
      : { escalation: { after_seconds: BigInt(escalation.afterSeconds), groups: escalation.groups } }),
    timeout_seconds: BigInt(timeoutSeconds),
  };
}

function limitJson(limit: Limit): CanonicalValue {
  const { onExceed } = limit;
  return {
    ...boundJson(limit),
    on_exceed: onExceed.kind,
    ...(onExceed.kind === 'deny' ? {} : { approval: approvalJson(onExceed.approval) }),
  };
}

/** What a limit bounds, whatever becomes of what exceeds it. */
export function boundJson({ id, scope, group, measure, window, max }: Limit): {
  readonly [key: string]: CanonicalValue;
} {
  return {
    id,
    scope,
    ...(group === undefined ? {} : { group }),
    measure: measureJson(measure),
    window: windowJson(window),
    max,
  };
}

function measureJson(measure: LimitMeasure): CanonicalValue {
  const program = measure.program === undefined ? {} : { program: measure.program };
  if (measure.kind === 'sponsored') return { kind: measure.kind, payer: measure.payer };
  if (measure.kind !== 'outflow') return { kind: measure.kind, ...program };
  const { kind, asset, recipient, net } = measure;
  return {
    kind,
    asset,
    ...(recipient === undefined ? {} : { recipient }),
    ...(net === undefined ? {} : { net }),
    ...program,
  };
}

function windowJson(window: LimitWindow): CanonicalValue {
  switch (window.kind) {
    case 'rolling':
      return { kind: window.kind, seconds: BigInt(window.seconds) };
    case 'calendar':
      return { kind: window.kind, unit: window.unit, time_zone: window.timeZone };
    case 'lifetime':
      return { kind: window.kind };
  }
}
