// Owns in what way another policy decides otherwise about the same input.
import { canonicalJson } from '../canonical-json.ts';
import type { Verdict } from './decision.ts';
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
  return canonicalJson(verdictJson(before)) === canonicalJson(verdictJson(after)) ? null : 'other_reasons';
}

const CHANGES = {
  deny: 'newly_denied',
  allow: 'newly_allowed',
  require_approval: 'newly_asked',
} as const satisfies Record<Verdict['kind'], DecisionDifference>;
