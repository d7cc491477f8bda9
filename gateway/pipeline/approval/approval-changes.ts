// Owns what changed of an approval since people were asked: of all that a new judgement would compare.
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { isJsonList, isJsonObject } from '../../core/decision/json-value.ts';
import type { Change } from '../outcome.ts';
import { whatIsShown } from './same-demand.ts';

/** Both policy inputs, as recorded and as of now. */
export function changesSince(asked: Uint8Array, now: Uint8Array): readonly Change[] {
  return changesIn('', whatIsShown(asked), whatIsShown(now));
}

function changesIn(
  path: string,
  before: CanonicalValue | undefined,
  after: CanonicalValue | undefined,
): readonly Change[] {
  if (isTree(before) && isTree(after) && isJsonList(before) === isJsonList(after)) {
    const [one, other] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
    const names = new Set([...one.keys(), ...other.keys()]);
    const inList = isJsonList(before);
    return [...names].flatMap((name) => {
      const inner = inList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
      return changesIn(inner, one.get(name), other.get(name));
    });
  }
  const [was, is] = [textOf(before), textOf(after)];
  return was === is ? [] : [{ path, before: was, after: is }];
}

function isTree(value: CanonicalValue | undefined): value is Extract<CanonicalValue, object> {
  return value !== undefined && (isJsonList(value) || isJsonObject(value));
}

function textOf(value: CanonicalValue | undefined): string | null {
  return value === undefined ? null : canonicalJson(value);
}
