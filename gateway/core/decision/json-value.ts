// Owns the exact reading of JSON text: integers of any size stay exact, and no other number is let in.
import { type CanonicalValue, canonicalJson } from '../canonical-json.ts';

export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

const INTEGER = /^(0|-?[1-9][0-9]*)$/;
const LONGEST_INTEGER = 128;

/** Throws SyntaxError on text that is no JSON, and on a number that is not written as a plain integer of up to 128 digits. */
export function parseJson(text: string): CanonicalValue {
  const value: CanonicalValue = JSON.parse(text, exact);
  return value;
}

function exact(_key: string, value: CanonicalValue | number, context?: { readonly source?: string }): CanonicalValue {
  if (typeof value !== 'number') return value;
  const source = context?.source;
  if (source === undefined || source.length > LONGEST_INTEGER || !INTEGER.test(source)) {
    throw new SyntaxError('a number must be a plain integer');
  }
  return BigInt(source);
}

/**
 * Reads JSON without white space in which each key of an object stands once; throws SyntaxError on any other text. A `number`
 * in the result is what the text says, but may be a fraction; an integer that no `number` holds is a bigint.
 */
export function parseCompactJson(text: string): JsonValue {
  const quick = LARGE_INTEGER.test(text) ? parseMarked(text) : parseSame(text);
  if (quick !== undefined) return quick;
  const value = parseJson(text);
  // Every other way to write the same value is longer.
  if (canonicalJson(value).length !== text.length) {
    throw new SyntaxError('JSON must be compact, with each key once');
  }
  return value;
}

/** `undefined` unless it is exactly the same text again: no key was lost and no number rounded. */
function parseSame(text: string): JsonValue | undefined {
  const value: JsonValue = JSON.parse(text);
  return JSON.stringify(value) === text ? value : undefined;
}

/** An integer that may be beyond what a `number` holds, where a value stands; or text within a string that looks so. */
const LARGE_INTEGER = /[:,[]-?[1-9][0-9]{15,127}[,}\]]/;
const EACH_LARGE_INTEGER = /(?<=[:,[])-?[1-9][0-9]{15,126}(?=[,}\]])/g;
/** Begins the strings that stand for large integers while the text is read. */
const MARK = '\u0001';
const WRITTEN_MARK = '\\u0001';

/**
 * As {@link parseSame}, many times faster than a reviver. What looks like an integer within a string is marked too: the mark's quote then
 * ends that string, and no JSON goes on so.
 */
function parseMarked(text: string): JsonValue | undefined {
  if (text.includes(WRITTEN_MARK)) return undefined;
  try {
    const value = parseSame(text.replace(EACH_LARGE_INTEGER, `"${WRITTEN_MARK}$&"`));
    return value === undefined ? undefined : unmarked(value);
  } catch {
    return undefined;
  }
}

function unmarked(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.startsWith(MARK) ? BigInt(value.slice(1)) : value;
  if (isJsonList(value)) return value.map(unmarked);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmarked(item)]));
}

/** The integer that a value is; `null` when it is none. */
export function integerOf(value: JsonValue): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null;
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
