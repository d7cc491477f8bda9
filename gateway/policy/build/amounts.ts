// Owns amounts as people write them, "1.5 SOL": turned into base units exactly, or refused.
import { type Assets, assetNamed } from './assets.ts';

const WITH_UNIT = /^([0-9]+)(?:\.([0-9]+))? ([^\s]+)$/;
const LONGEST = 100;

export type Amount =
  | { readonly kind: 'amount'; readonly baseUnits: bigint }
  /** No amount with a unit: whoever reads it next says what belongs there. */
  | { readonly kind: 'other' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** `expected`: what the place is for, `SOL` or a mint; `null`: any asset that has a symbol. */
export function parseAmount(text: string, assets: Assets, expected: string | null): Amount {
  const match = text.length > LONGEST ? null : WITH_UNIT.exec(text);
  if (match === null) return looseAmount(text);
  const [, whole = '', fraction = '', unit = ''] = match;
  const asset = assetNamed(unit, assets);
  if (typeof asset === 'string') return wrong(`"${text}": ${asset}`);
  if (expected !== null && asset.id !== expected) {
    return wrong(`"${text}" is in ${unit}, but stands where an amount of ${shown(expected, assets)} belongs`);
  }
  if (fraction.length > asset.decimals) {
    return wrong(
      `"${text}" has ${fraction.length} digits behind the point; ${unit} has ${asset.decimals}, so it is no whole number of base units`,
    );
  }
  return { kind: 'amount', baseUnits: BigInt(whole + fraction.padEnd(asset.decimals, '0')) };
}

/** What was surely meant as an amount with a unit is told how to be written. */
function looseAmount(text: string): Amount {
  return /^[+-]?[0-9][0-9.,_' ]*\s*[A-Za-z$]/.test(text)
    ? wrong(
        `"${text}" is no amount; write digits, perhaps a point and more digits, one space, and a symbol: "1500.25 USDC"`,
      )
    : { kind: 'other' };
}

function wrong(problem: string): Amount {
  return { kind: 'wrong', problem };
}

function shown(id: string, { bySymbol }: Assets): string {
  const symbol = [...bySymbol.values()].find((asset) => asset.id === id)?.symbol;
  return symbol === undefined || symbol === id ? id : `${symbol} (${id})`;
}
