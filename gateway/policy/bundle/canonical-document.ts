// Owns OPA's canonical form of a structured file of a bundle, which its signature hashes (opa, v1/bundle/hash.go): no white space,
// keys in the order of their UTF-8 bytes, numbers as they are written, text escaped as Go's encoding/json does without HTML.

const DEEPEST = 200;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON text may not hold them unescaped
const PLAIN_TEXT = /"[^"\\\x00-\x1f]*"/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON text may not hold them unescaped
const ANY_TEXT = /"(?:[^"\\\x00-\x1f]|\\.)*"/y;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = ['true', 'false', 'null'];

interface Cursor {
  readonly text: string;
  at: number;
}

/** Throws an Error with the place where it is no JSON, where an object has a key twice, or where it goes too deep. */
export function canonicalDocument(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const cursor = { text, at: 0 };
  const canonical = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw unexpected(cursor);
  return canonical;
}

function readValue(cursor: Cursor, depth: number): string {
  if (depth > DEEPEST) throw new Error(`it is nested deeper than ${DEEPEST} levels`);
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === '{') return readObject(cursor, depth);
  if (first === '[') return readList(cursor, depth);
  if (first === '"') return readText(cursor).canonical;
  const literal = LITERALS.find((word) => cursor.text.startsWith(word, cursor.at));
  if (literal === undefined) return take(cursor, NUMBER);
  cursor.at += literal.length;
  return literal;
}

function readObject(cursor: Cursor, depth: number): string {
  const members = new Map<string, string>();
  cursor.at += 1;
  if (next(cursor, '}')) return '{}';
  do {
    skipSpace(cursor);
    const key = readText(cursor);
    if (members.has(key.text)) throw new Error(`the key ${key.canonical} stands twice in one object`);
    if (!next(cursor, ':')) throw unexpected(cursor);
    members.set(key.text, `${key.canonical}:${readValue(cursor, depth + 1)}`);
  } while (next(cursor, ','));
  if (!next(cursor, '}')) throw unexpected(cursor);
  return `{${sortedKeys([...members.keys()])
    .map((key) => members.get(key))
    .join(',')}}`;
}

function readList(cursor: Cursor, depth: number): string {
  const items: string[] = [];
  cursor.at += 1;
  if (next(cursor, ']')) return '[]';
  do items.push(readValue(cursor, depth + 1));
  while (next(cursor, ','));
  if (!next(cursor, ']')) throw unexpected(cursor);
  return `[${items.join(',')}]`;
}

/** Most texts stand as they are canonical; the others are read and written again. */
function readText(cursor: Cursor): { readonly text: string; readonly canonical: string } {
  PLAIN_TEXT.lastIndex = cursor.at;
  const plain = PLAIN_TEXT.exec(cursor.text)?.[0];
  const written = plain ?? take({ ...cursor }, ANY_TEXT);
  const text: unknown = plain === undefined ? JSON.parse(written) : plain.slice(1, -1);
  if (typeof text !== 'string') throw unexpected(cursor);
  // Go would put U+FFFD in its place: two texts would then hash as one.
  if (!text.isWellFormed()) throw new Error(`text with half a surrogate pair at character ${cursor.at}`);
  cursor.at += written.length;
  return {
    text,
    canonical: JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => (c === '\u2028' ? '\\u2028' : '\\u2029')),
  };
}

/** UTF-16 order is that of UTF-8 bytes but for characters beyond 16 bits. */
function sortedKeys(keys: string[]): string[] {
  if (!keys.some((key) => /[\ud800-\udfff]/.test(key))) return keys.sort();
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function next(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined) throw unexpected(cursor);
  cursor.at += found.length;
  return found;
}

function skipSpace(cursor: Cursor): void {
  SPACE.lastIndex = cursor.at;
  SPACE.exec(cursor.text);
  cursor.at = SPACE.lastIndex;
}

function unexpected({ text, at }: Cursor): Error {
  const found = at < text.length ? JSON.stringify(text[at]) : 'the end';
  return new Error(`it is not JSON: ${found} at character ${at}`);
}
