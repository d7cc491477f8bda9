// Owns what becomes of a verdict that asks for more than the gateway can enforce.
import { gatewayDenial, type Verdict } from './decision.ts';

/** A limit that nobody counts would limit nothing: such a verdict is a denial. */
export function enforceable(verdict: Verdict): Verdict {
  if (verdict.kind === 'deny' || verdict.limits === undefined) return verdict;
  const ids = verdict.limits.map(({ id }) => id).join(' ');
  const message =
    'the policy sets limits over time, which this gateway does not enforce; allowed: decisions without them';
  return gatewayDenial('LIMIT_UNENFORCEABLE', message, { limits: ids });
}
