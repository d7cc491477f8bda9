// Owns how an amount that a limit counts is written on the terminal, beside the name of what it counts.
import type { AssetUnit } from '../../proto/gen/countersign/v1/budget_pb.ts';
import type { Limit } from '../../proto/gen/countersign/v1/decision_pb.ts';
import { shortAssetText, solText } from '../core/explanation/amounts.ts';
import { printable } from '../core/explanation/printable.ts';

/** Every digit: lamports as SOL, tokens by their decimals where the gateway told them, else in base units. `amount`: decimal. */
export function limitAmount(limit: Limit | undefined, unit: AssetUnit | undefined, amount: string): string {
  const measure = limit?.measure;
  if (!/^[0-9]+$/.test(amount)) return printable(amount);
  switch (measure?.case) {
    case 'fee':
    case 'rent':
    case 'sponsored':
      return solText(amount);
    case 'outflow': {
      const { asset } = measure.value;
      const told = unit === undefined ? [] : ([[asset, unitOf(unit)]] as const);
      return printable(shortAssetText(asset, amount, new Map(told)));
    }
    default:
      return amount;
  }
}

function unitOf({ decimals, symbol }: AssetUnit) {
  return { decimals, symbol: symbol === '' ? null : symbol };
}
