// Owns the one way in which the gateway writes JSON that is hashed: keys in code point order, no white space, integers as
// literals of any size, text escaped as JSON.stringify does (after RFC 8785, without its floats).

/** JSON without floats. */
export type CanonicalValue =
  | string
  | bigint
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue };

/** Throws on text that is not well-formed Unicode: such text has no UTF-8 form. */
export function canonicalJson(value: CanonicalValue): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return canonicalText(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return isList(value) ? canonicalList(value) : canonicalObject(value);
  }
}

const UTF8 = new TextEncoder();

export function canonicalJsonBytes(value: CanonicalValue): Uint8Array {
  return UTF8.encode(canonicalJson(value));
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function canonicalText(text: string): string {
  if (!text.isWellFormed()) throw new Error('text with a lone surrogate has no canonical form');
  return JSON.stringify(text);
}

function canonicalList(list: readonly CanonicalValue[]): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (item === undefined) throw new Error('a list with a hole has no canonical form');
    text += i === 0 ? canonicalJson(item) : `,${canonicalJson(item)}`;
  }
  return `${text}]`;
}

function canonicalObject(object: { readonly [key: string]: CanonicalValue }): string {
  const keys = Object.keys(object);
  if (keys.length > 1) keys.sort(byCodePoint);
  let text = '{';
  let first = true;
  for (const key of keys) {
    const value = object[key];
    if (value === undefined) throw new Error(`the key ${key} without a value has no canonical form`);
    text += `${first ? '' : ','}${canonicalText(key)}:${canonicalJson(value)}`;
    first = false;
  }
  return `${text}}`;
}

// UTF-16 order and code point order differ only above the surrogates.
function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
