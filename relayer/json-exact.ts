// Owns JSON text whose integers keep their exact value: RPC answers carry u64, which a JavaScript number cannot hold.

declare global {
  interface JSON {
    /** A value that is written as this very text (Node 22 and newer). */
    rawJSON(text: string): unknown;
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

/** The longest integer literal that is worth an exact value: u64 has 20 digits, a total of them a few more. */
const MAX_INTEGER_DIGITS = 40;

/**
 * Parses JSON text. Integers beyond ±(2^53 − 1) become bigint, other numbers stay numbers; literals of more than 40
 * digits stay rounded numbers, which no reader of a u64 accepts.
 * @throws SyntaxError for text that is not JSON, RangeError for text that is nested too deeply.
 */
export function parseExactJson(text: string): unknown {
  return hasLongInteger(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
}

/** Writes compact JSON text; a bigint becomes an integer literal. */
export function stringifyExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item,
  );
}

/** `value` as u64, or undefined when it is none. */
export function toU64(value: unknown): bigint | undefined {
  const exact = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof exact === 'bigint' && exact >= 0n && exact < 1n << 64n ? exact : undefined;
}

/** True for a JSON object: not null, not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Only text with 16 digits in a row can hold an integer that a number rounds; a reviver costs five times the parse. */
function hasLongInteger(text: string): boolean {
  return /\d{16}/.test(text);
}

function exactInteger(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context.source ?? '';
  return source.length <= MAX_INTEGER_DIGITS && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
