// Owns which limits a request may exceed because people let it: those that they were shown, as long as each is what it was then.
import { canonicalJson } from '../canonical-json.ts';
import type { Limit } from '../decision/decision.ts';
import { boundJson } from '../decision/verdict-json.ts';

/**
 * Of the limits that hold now, those that people who were shown `seen` let it exceed: each still says that people may, and bounds the same
 * use of the same spenders in the same window by the same maximum.
 */
export function stillLetExceed(now: readonly Limit[], seen: readonly Limit[]): readonly Limit[] {
  const shown = new Set(seen.map(nameOf));
  return now.filter((limit) => mayBeExceeded(limit) && shown.has(nameOf(limit)));
}

/** `excess`: ids of limits of the policy. A limit that nobody may let be exceeded, as those of session keys, is not meant by any id. */
export function isLetExceed(limit: Limit, excess: readonly string[]): boolean {
  return excess.includes(limit.id) && mayBeExceeded(limit);
}

function mayBeExceeded({ onExceed }: Limit): boolean {
  return onExceed.kind === 'require_approval';
}

function nameOf(limit: Limit): string {
  return canonicalJson(boundJson(limit));
}
