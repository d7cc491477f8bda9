// Owns what changed between two revisions of policy data, a line for each place.
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { isJsonObject } from '../../core/decision/json-value.ts';
import { pathText } from '../../policy/build/source-value.ts';

const LONGEST = 120;

type Path = readonly (string | number)[];

/** `+` stands in the new one alone, `-` in the old one, and `~` in both, changed. */
export function dataChanges(before: CanonicalValue, after: CanonicalValue, path: Path = ['data']): readonly string[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const [old, now] = [membersOf(before), membersOf(after)];
  if (old === null || now === null) return [`~ ${pathText(path)}: ${shown(before)} → ${shown(after)}`];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().flatMap((key) => {
    const place = [...path, key];
    const [was, is] = [old[key], now[key]];
    if (was === undefined) return is === undefined ? [] : [`+ ${pathText(place)}: ${shown(is)}`];
    return is === undefined ? [`- ${pathText(place)}: ${shown(was)}`] : dataChanges(was, is, place);
  });
}

function membersOf(value: CanonicalValue): { readonly [key: string]: CanonicalValue } | null {
  return isJsonObject(value) ? Object(value) : null;
}

function shown(value: CanonicalValue): string {
  const text = canonicalJson(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
