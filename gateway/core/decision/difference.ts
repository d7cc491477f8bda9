// Owns in what way another policy decides otherwise about the same input.
import { canonicalJson } from '../canonical-json.ts';
import type { Verdict } from './decision.ts';
import { verdictJson } from './verdict-json.ts';

export type DecisionDifference =
  | 'newly_denied'
  | 'newly_allowed'
  /** Allowed before, and now only with approval. */
  | 'newly_asked'
  /** The same decision for other reasons, or on other terms. */
  | 'other_reasons';

/** `null`: both decide the same for the same reasons. What asked for approval and does so no more is newly allowed. */
export function differenceOf(before: Verdict, after: Verdict): DecisionDifference | null {
  if (before.kind !== after.kind) return CHANGES[after.kind];
  return canonicalJson(verdictJson(before)) === canonicalJson(verdictJson(after)) ? null : 'other_reasons';
}

const CHANGES = {
  deny: 'newly_denied',
  allow: 'newly_allowed',
  require_approval: 'newly_asked',
} as const satisfies Record<Verdict['kind'], DecisionDifference>;
