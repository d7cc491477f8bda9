// Owns the reading of JSON that people wrote: integers of any size exactly, and no key of an object twice.
import { numberOf, pathText, type SourceValue } from './source-value.ts';

/** Throws an Error that begins with `label` and says what is wrong. */
export function readJson(text: string, label: string): SourceValue {
  let value: SourceValue;
  try {
    value = JSON.parse(text, exact);
  } catch (error) {
    throw new Error(`${label} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const twice = keyGivenTwice(text);
  if (twice !== null) throw new Error(`${label} cannot be read: ${twice} stands in it twice, and only one can count`);
  return value;
}

/** Throws as `readJson`, and where the bytes are not UTF-8. */
export function readJsonBytes(bytes: Uint8Array, label: string): SourceValue {
  return readJson(textOf(bytes, label), label);
}

export function textOf(bytes: Uint8Array, label: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${label} cannot be read: it is not text in UTF-8`);
  }
}

function exact(_key: string, value: SourceValue | number, context?: { readonly source?: string }): SourceValue {
  return typeof value === 'number' ? numberOf(context?.source ?? String(value)) : value;
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/gs;

interface Opened {
  /** `null`: a list. */
  readonly keys: Set<string> | null;
  last: string | number;
}

/** Of text that is JSON: the path of the first key that its object has already. */
function keyGivenTwice(text: string): string | null {
  const opened: Opened[] = [];
  let keyMayCome = false;
  for (const [token] of text.matchAll(TOKENS)) {
    const inside = opened.at(-1);
    if (token === '{') opened.push({ keys: new Set(), last: '' });
    else if (token === '[') opened.push({ keys: null, last: 0 });
    else if (token === '}' || token === ']') opened.pop();
    else if (token === ',') {
      if (typeof inside?.last === 'number') inside.last += 1;
    } else if (keyMayCome && inside?.keys) {
      inside.last = String(JSON.parse(token));
      if (inside.keys.has(inside.last)) return pathText(opened.map(({ last }) => last));
      inside.keys.add(inside.last);
    }
    keyMayCome = token === '{' || token === ',';
  }
  return null;
}
