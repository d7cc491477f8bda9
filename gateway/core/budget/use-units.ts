// Owns in which units the amounts that a request uses of limits are written for people.
import { type AssetUnit, type AssetUnits, assetUnit } from '../explanation/amounts.ts';
import type { Use } from './charge.ts';

/** Of what leaves the wallet. `named`: tokens that the policy's data name, by mint; without decimals of its own a token has no unit. */
export function unitsUsed(
  { effects }: Pick<Use, 'effects'>,
  named: ReadonlyMap<string, { readonly symbol: string; readonly decimals: number }>,
): AssetUnits {
  const units = new Map<string, AssetUnit>();
  for (const { asset, decimals } of effects.flatMap(({ outflows }) => outflows)) {
    if (decimals !== null && !units.has(asset)) units.set(asset, assetUnit(decimals, named.get(asset)));
  }
  return units;
}
