// Owns what becomes of a verdict whose limits have no room: it is a denial, or people are asked whether to let it exceed them.
import { gatewayDenial, type Limit, type Reason, type Verdict } from '../decision/decision.ts';
import { joinRequirements } from '../decision/join-requirements.ts';
import type { AssetUnits } from '../explanation/amounts.ts';
import { budgetReason } from './budget-reason.ts';
import type { StandingOf } from './standing.ts';

export type Permission = Exclude<Verdict, { kind: 'deny' }>;

/** `exceeded`: at least one. */
export function overLimits(verdict: Permission, exceeded: readonly StandingOf[], units: AssetUnits): Verdict {
  const reasons = exceeded.map((standing) => budgetReason(standing, units));
  const limits = exceeded.map(({ limit }) => limit);
  if (limits.some(({ onExceed }) => onExceed.kind === 'deny')) return { kind: 'deny', reasons };
  return askingToExceed(verdict, limits, reasons);
}

/** Meets what the verdict asks for itself as well; a denial where nobody could meet all of it. */
export function askingToExceed(verdict: Permission, excess: readonly Limit[], reasons: readonly Reason[]): Verdict {
  const own = verdict.kind === 'require_approval' ? verdict : null;
  const approval = joinRequirements([...(own === null ? [] : [own.approval]), ...excess.flatMap(approvalOf)]);
  if (approval === null) {
    return gatewayDenial(
      'APPROVALS_CONFLICT',
      'what it would exceed must be approved by different groups, which no vote can do',
    );
  }
  return { ...verdict, kind: 'require_approval', reasons: [...reasons, ...(own?.reasons ?? [])], approval };
}

function approvalOf({ onExceed }: Limit) {
  return onExceed.kind === 'require_approval' ? [onExceed.approval] : [];
}

/** What a limit counts cannot be counted, so that nothing can be held to it. */
export function uncountable({ id }: Limit, why: string, facts: Record<string, string>): Verdict {
  return gatewayDenial('LIMIT_UNCOUNTABLE', `what the limit ${id} counts ${why}`, { limit: id, ...facts });
}

/** The same where a fact is missing. */
export function notEstablished(limit: Limit, fact: string): Verdict {
  return uncountable(limit, `is not established: ${fact} is missing`, { missing: fact });
}
