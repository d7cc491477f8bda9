// Owns what a judged transaction takes out of the wallet, read from its policy input.
import { integerOf, isJsonList, isJsonObject, type JsonValue, parseCompactJson } from '../decision/json-value.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** By asset, base units, gross; what a simulation showed counts where it is more. Empty for a message. Throws SyntaxError. */
export function exposureOf(policyInput: Uint8Array): Readonly<Record<string, bigint>> {
  const input = member(parseCompactJson(UTF8.decode(policyInput)), []);
  const said = outflowsIn(member(input, ['effects', 'outflows']));
  const shown = outflowsIn(member(input, ['simulation', 'effects', 'outflows']));
  const assets = [...new Set([...Object.keys(said), ...Object.keys(shown)])];
  return Object.fromEntries(assets.map((asset) => [asset, larger(said[asset] ?? 0n, shown[asset] ?? 0n)]));
}

function outflowsIn(outflows: JsonValue): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const outflow of isJsonList(outflows) ? outflows : []) {
    const asset = member(outflow, ['asset']);
    const amount = integerOf(member(outflow, ['amount']));
    if (typeof asset === 'string' && amount !== null) sums[asset] = (sums[asset] ?? 0n) + amount;
  }
  return sums;
}

function member(value: JsonValue, path: readonly string[]): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  return isJsonObject(value) ? member(value[key] ?? null, rest) : null;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
