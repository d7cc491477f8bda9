// Owns how decisions that would be another are told to people: in what way, and how much was at stake.
import type { DecisionDifference } from '../decision/difference.ts';
import { type AssetUnits, assetText } from './amounts.ts';
import { printable } from './printable.ts';

export const DIFFERENCE_NAMES = {
  newly_denied: 'newly denied',
  newly_allowed: 'newly allowed',
  newly_asked: 'newly asked about',
  other_reasons: 'for other reasons',
} as const satisfies Record<DecisionDifference, string>;

/** `exposure`: base units by asset. */
export function exposureText(exposure: Readonly<Record<string, bigint | string>>, units: AssetUnits): string {
  const parts = Object.entries(exposure)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([asset, amount]) => printable(assetText(asset, amount, units)));
  return parts.length === 0 ? 'nothing that leaves' : parts.join(', ');
}
