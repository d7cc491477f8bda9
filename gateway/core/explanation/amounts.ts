// Owns how amounts are written for people: with their decimals and in base units, both exact.
import { printable } from './printable.ts';

/** One whole of a token is 10 to the power of `decimals` of its base units. */
export interface AssetUnit {
  readonly decimals: number;
  /** `null`: the policy's data do not name it, or with other decimals than it has. */
  readonly symbol: string | null;
}

/** By asset; those of which nobody tells are not in it. */
export type AssetUnits = ReadonlyMap<string, AssetUnit>;

const SOL_UNIT: AssetUnit = { decimals: 9, symbol: 'SOL' };

/** With the symbol by which the policy's data name it, if they mean a token of these decimals. */
export function assetUnit(decimals: number, named: { readonly symbol: string; readonly decimals: number } | undefined) {
  return { decimals, symbol: named?.decimals === decimals ? named.symbol : null } satisfies AssetUnit;
}

/** `1.5 USDC`, or `1.5 tokens of Mint`, or `15 base units of Mint` where its decimals are not known. `amount`: base units. */
export function assetText(asset: string, amount: bigint | string, units: AssetUnits): string {
  const unit = unitOf(asset, units);
  const text = unitText(amount, unit);
  return unit === undefined || unit.symbol === null ? `${text} of ${asset}` : text;
}

/** The same of an asset that is named beside it: `1.5 USDC`, `1.5 tokens`, `15 base units`. */
export function shortAssetText(asset: string, amount: bigint | string, units: AssetUnits): string {
  return unitText(amount, unitOf(asset, units));
}

export function solText(lamports: bigint | string): string {
  return unitText(lamports, SOL_UNIT);
}

function unitOf(asset: string, units: AssetUnits): AssetUnit | undefined {
  return asset === 'SOL' ? SOL_UNIT : units.get(asset);
}

function unitText(amount: bigint | string, unit: AssetUnit | undefined): string {
  if (unit === undefined) return `${amount} base units`;
  return `${withDecimals(String(amount), unit.decimals)} ${unit.symbol ?? 'tokens'}`;
}

/** `amount`: base units, decimal. `decimals` absent: not known, and then only base units are honest. */
export function amountText(asset: string, amount: string, decimals: number | undefined): string {
  const unit = asset === 'SOL' ? 'lamports' : 'base units';
  if (!/^[0-9]+$/.test(amount)) return `${printable(amount)} (not a number) ${printable(asset)}`;
  if (decimals === undefined) return `${amount} ${unit} of ${printable(asset)}, decimals unknown`;
  return `${withDecimals(amount, decimals)} ${printable(asset)} (${amount} ${unit})`;
}

/** `lamports`: decimal. */
export function lamportsText(lamports: string): string {
  return amountText('SOL', lamports, 9);
}

/** `1500000` with 6 decimals is `1.5`; no digit is dropped but zeros at the end. */
export function withDecimals(amount: string, decimals: number): string {
  if (decimals === 0) return amount;
  const digits = amount.padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals).replace(/^0+(?=.)/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
