// Owns in what way another policy decides otherwise about the same input.
import { canonicalJson } from '../canonical-json.ts';
import type { Reason, Verdict } from './decision.ts';
import { verdictJson } from './verdict-json.ts';

export const DIFFERENCES = ['newly_denied', 'newly_allowed', 'newly_asked', 'other_reasons'] as const;

/**
 * `newly_allowed`: what was denied, or asked for approval, may pass now (by itself, or what was denied with approval). `newly_asked`: what was
 * allowed needs approval now. `other_reasons`: the same decision for other reasons, or on other terms.
 */
export type DecisionDifference = (typeof DIFFERENCES)[number];

/** `null`: both decide the same for the same reasons. */
export function differenceOf(before: Verdict, after: Verdict): DecisionDifference | null {
  // What was denied and can be approved now may pass.
  if (before.kind === 'deny' && after.kind !== 'deny') return 'newly_allowed';
  if (before.kind !== after.kind) return CHANGES[after.kind];
  return isSame(before, after) ? null : 'other_reasons';
}

/** Most verdicts have nothing but reasons, and most are the same: writing both out would take as long as judging. */
function isSame(one: Verdict, other: Verdict): boolean {
  if (!sameReasons(one.reasons, other.reasons)) return false;
  if (!hasTerms(one) && !hasTerms(other)) return true;
  return canonicalJson(verdictJson(one)) === canonicalJson(verdictJson(other));
}

function hasTerms(verdict: Verdict): boolean {
  return verdict.kind === 'require_approval' || (verdict.kind === 'allow' && verdict.limits !== undefined);
}

function sameReasons(some: readonly Reason[], others: readonly Reason[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, i) => {
      const other = others[i];
      return (
        other !== undefined &&
        one.code === other.code &&
        one.rule === other.rule &&
        one.message === other.message &&
        one.remedy === other.remedy &&
        sameFacts(one.facts, other.facts)
      );
    })
  );
}

function sameFacts(some: Reason['facts'], others: Reason['facts']): boolean {
  const names = Object.keys(some);
  return names.length === Object.keys(others).length && names.every((name) => some[name] === others[name]);
}

const CHANGES = {
  deny: 'newly_denied',
  allow: 'newly_allowed',
  require_approval: 'newly_asked',
} as const satisfies Record<Verdict['kind'], DecisionDifference>;
