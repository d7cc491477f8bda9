// Owns the exact reading of JSON text: integers of any size stay exact, and nothing that is not exact is let in.
import type { CanonicalValue } from '../canonical-json.ts';

/** As `JSON.parse` gives it, but every number is a bigint. */
export type JsonValue = CanonicalValue;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

const INTEGER = /^(0|-?[1-9][0-9]*)$/;
const LONGEST_INTEGER = 128;

/** Throws SyntaxError on text that is no JSON, and on a number that is not written as a plain integer of up to 128 digits. */
export function parseJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text, exact);
  return value;
}

function exact(_key: string, value: JsonValue | number, context?: { readonly source?: string }): JsonValue {
  if (typeof value !== 'number') return value;
  const source = context?.source;
  if (source === undefined || source.length > LONGEST_INTEGER || !INTEGER.test(source)) {
    throw new SyntaxError('a number must be a plain integer');
  }
  return BigInt(source);
}
