// Owns how the unit of a limit's token looks on the wire.
import { create } from '@bufbuild/protobuf';
import { AssetUnitSchema } from '../../../proto/gen/countersign/v1/budget_pb.ts';
import type { LimitMeasure } from '../../core/decision/decision.ts';
import type { AssetUnit } from '../../core/explanation/amounts.ts';

/** Without `fromChain`, what tells is the chain, or a transaction that the chain refuses where it is wrong. */
export function unitMessage(
  measure: LimitMeasure,
  units: ReadonlyMap<string, AssetUnit & { readonly fromChain?: boolean }>,
) {
  const unit = measure.kind === 'outflow' ? units.get(measure.asset) : undefined;
  if (unit === undefined) return {};
  const { decimals, symbol, fromChain = true } = unit;
  return { unit: create(AssetUnitSchema, { decimals, symbol: symbol ?? '', fromChain }) };
}
