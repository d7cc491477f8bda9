// Owns the demand on schemas of settings that they are closed: a misspelt setting must not pass as one that nobody reads.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';
import type { SchemaObject } from './data-schema.ts';

/** What is wrong with the schema, with the place; `null`: it is closed, and of an object. */
export function openPlace(schema: CanonicalValue): string | null {
  if (!isObject(schema) || schema.type !== 'object') return 'its type must be "object"';
  const [open] = openPlaces(schema, []);
  if (open === undefined) return null;
  const place = open.length === 0 ? '' : `${open.join('.')}: `;
  return `${place}this object must have "additionalProperties": false, or a schema of what may stand under any key`;
}

/** Keywords under which names stand that are no keywords. */
const BY_NAME = ['properties', 'patternProperties', 'definitions'];
/** These only say more of an object that is closed elsewhere. */
const CONDITIONS = ['if', 'then', 'else', 'not'];
const BRANCHES = ['allOf', 'anyOf', 'oneOf'];
/** What stands in these is data. */
const PLAIN = ['const', 'enum', 'default', 'examples'];

function* openPlaces(value: CanonicalValue, path: readonly string[]): Generator<readonly string[]> {
  if (isJsonList(value)) {
    for (const [at, item] of value.entries()) yield* openPlaces(item, [...path, String(at)]);
    return;
  }
  if (!isObject(value)) return;
  const rest = value.additionalProperties;
  const types = isJsonList(value.type ?? null) ? value.type : [value.type];
  const isBranch = BRANCHES.includes(path.at(-2) ?? '');
  const isOfObjects = Object(types).includes('object') || (value.properties !== undefined && !isBranch);
  const isClosed = rest === false || (isObject(rest) && Object.keys(rest).length > 0);
  if (isOfObjects && !isClosed) yield path;
  for (const [keyword, inner] of Object.entries(value)) {
    if (PLAIN.includes(keyword) || CONDITIONS.includes(keyword)) continue;
    if (!BY_NAME.includes(keyword)) yield* openPlaces(inner, [...path, keyword]);
    else if (isObject(inner)) {
      for (const [name, one] of Object.entries(inner)) yield* openPlaces(one, [...path, keyword, name]);
    }
  }
}

function isObject(value: CanonicalValue | undefined): value is SchemaObject {
  return typeof value === 'object' && value !== null && !isJsonList(value);
}
