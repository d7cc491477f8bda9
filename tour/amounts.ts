// Owns how the tour writes amounts: short, and exact.
import { withDecimals } from '../gateway/core/explanation/amounts.ts';

export function decimal(baseUnits: bigint, decimals: number): string {
  return withDecimals(baseUnits.toString(), decimals);
}

export function sol(lamports: bigint): string {
  return `${decimal(lamports, 9)} SOL`;
}
