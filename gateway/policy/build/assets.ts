// Owns the symbols that policy data may use for assets: what each stands for, and that none can be mistaken for another.

import { parseAddress } from '../../core/base58.ts';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { isSourceObject, type SourceValue } from './source-value.ts';

export interface Asset {
  readonly symbol: string;
  /** `SOL`, or the base58 address of the mint. */
  readonly id: string;
  readonly decimals: number;
}

export interface Assets {
  /** By symbol; SOL is always there. */
  readonly bySymbol: ReadonlyMap<string, Asset>;
  /** `data.countersign.assets`: by mint. */
  readonly data: CanonicalValue;
  readonly problems: readonly string[];
  /** Whether others can be declared, which people are told where one is not known. */
  readonly canGrow: boolean;
}

const SOL: Asset = { symbol: 'SOL', id: 'SOL', decimals: 9 };
/** For amounts that stand outside the data of policies. */
export const SOL_ONLY: Assets = { bySymbol: new Map([[SOL.symbol, SOL]]), data: {}, problems: [], canGrow: false };
const SYMBOL = /^[A-Za-z$][A-Za-z0-9$._-]{0,15}$/;
const KEYS = ['decimals', 'mint'];

/** `{"USDC": {"mint": "…", "decimals": 6}}`. What is wrong stands in `problems`, and is left out otherwise. */
export function readAssets(value: SourceValue, place: string): Assets {
  const bySymbol = new Map([[SOL.symbol, SOL]]);
  const problems: string[] = [];
  const entries = isSourceObject(value) ? Object.entries(value) : [];
  if (!isSourceObject(value))
    problems.push(`${place}: it must be an object, by symbol: {"USDC": {"mint": "…", "decimals": 6}}`);
  for (const [symbol, declared] of entries) {
    const asset = assetOf(symbol, declared);
    const problem = typeof asset === 'string' ? asset : clash(asset, [...bySymbol.values()]);
    if (problem === null && typeof asset !== 'string') bySymbol.set(symbol, asset);
    else problems.push(`${place}.${symbol}: ${problem}`);
  }
  const mints = [...bySymbol.values()].filter(({ id }) => id !== SOL.id);
  return {
    bySymbol,
    data: Object.fromEntries(mints.map(({ id, symbol, decimals }) => [id, { symbol, decimals: BigInt(decimals) }])),
    problems,
    canGrow: true,
  };
}

/** The asset that a key or a unit names. A text: what is wrong with it. */
export function assetNamed(name: string, { bySymbol, canGrow }: Assets): Asset | string {
  const found = bySymbol.get(name);
  if (found !== undefined) return found;
  const nearest = nearestName(name, [...bySymbol.keys()]);
  const symbols = [...bySymbol.keys()].join(', ');
  const known = canGrow
    ? `known: ${symbols}; others are declared in assets, each with mint and decimals`
    : `only ${symbols} is known here`;
  return `there is no asset ${name}${nearest === null ? '' : `; is it ${nearest}?`} (${known})`;
}

/** A text: what is wrong with it. */
function assetOf(symbol: string, declared: SourceValue): Asset | string {
  if (!SYMBOL.test(symbol)) return 'a symbol is 1 to 16 letters, digits and $._-, and begins with a letter or $';
  if (!isSourceObject(declared) || Object.keys(declared).sort().join() !== KEYS.join()) {
    return 'an asset has exactly the keys mint and decimals';
  }
  const { mint, decimals } = declared;
  if (typeof mint !== 'string' || parseAddress(mint) === null) return 'mint must be the base58 address of the mint';
  if (typeof decimals !== 'bigint' || decimals < 0n || decimals > 255n) {
    return 'decimals must be those of the mint: a whole number from 0 to 255';
  }
  return { symbol, id: mint, decimals: Number(decimals) };
}

function clash(asset: Asset, others: readonly Asset[]): string | null {
  if (asset.symbol === SOL.symbol)
    return 'SOL is built in, with 9 decimals; give the wrapped one another symbol, such as WSOL';
  const alike = others.find(({ symbol }) => symbol.toLowerCase() === asset.symbol.toLowerCase());
  if (alike !== undefined) return `it can be mistaken for ${alike.symbol}; give one of them another symbol`;
  const again = others.find(({ id }) => id === asset.id);
  if (again === undefined) return null;
  return again.decimals === asset.decimals
    ? `its mint is ${again.symbol} already; an asset has one symbol`
    : `its mint is ${again.symbol} already, with ${again.decimals} decimals and not ${asset.decimals}; look the mint up`;
}
