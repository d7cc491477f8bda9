// Owns how the parts of a decision document are read: each reader takes exactly one shape, and says what it wanted instead.
import { integerOf, isJsonList, isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';

/** What was expected where; becomes the text of a denial. */
export class Malformed extends Error {}

/** The object with exactly these keys; those that are `optional` may be absent. */
export function objectOf(
  value: JsonValue,
  what: string,
  keys: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (isJsonObject(value)) {
    const known = [...keys, ...optional];
    const fits =
      keys.every((key) => Object.hasOwn(value, key)) && Object.keys(value).every((key) => known.includes(key));
    if (fits) return value;
  }
  const more = optional.length === 0 ? '' : ` (and perhaps ${optional.join(', ')})`;
  throw new Malformed(`${what} must be an object with exactly the keys ${keys.join(', ')}${more}`);
}

export function at(object: JsonObject, key: string): JsonValue {
  const value = object[key];
  if (value === undefined) throw new Malformed(`the key ${key} is missing`);
  return value;
}

export function list(value: JsonValue, what: string, longest: number): readonly JsonValue[] {
  if (!isJsonList(value) || value.length > longest) throw new Malformed(`${what} must be a list of up to ${longest}`);
  return value;
}

export function textLike(value: JsonValue, pattern: RegExp, rule: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new Malformed(rule);
  return value;
}

/** `what` names the value in a sentence, for example `quorum` of `approval`. */
export function integerWithin(value: JsonValue, least: bigint, most: bigint, what: string): bigint {
  const integer = integerOf(value);
  if (integer === null || integer < least || integer > most) {
    throw new Malformed(`${what} must be an integer from ${least} to ${most}`);
  }
  return integer;
}
