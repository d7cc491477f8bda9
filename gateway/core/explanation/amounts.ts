// Owns how amounts are written for people: with their decimals and in base units, both exact.
import { printable } from './printable.ts';

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
