// Owns how what a schema finds wrong is said to people.
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { Bounds, SchemaError } from './schema-validator.ts';

export interface Sentence {
  readonly path: readonly (string | number)[];
  readonly sentence: string;
  /** Nothing else need be said of this place. */
  readonly ofTheWhole?: true;
}

const AMOUNT = 'an amount is a whole number in base units, or text with a unit such as "1.5 SOL"';
const U64_MAX = 2n ** 64n - 1n;
const LONGEST_QUOTE = 80;
/** Reported through the keyword around them. */
const WITHIN_ALTERNATIVES = /\/(anyOf|oneOf|allOf)\//;

/** Each place once for each thing that is wrong there. `root` is where `value` stands. */
export function sentencesOf(
  errors: readonly SchemaError[],
  value: CanonicalValue,
  root: readonly string[],
): readonly Sentence[] {
  const alternatives = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const told = errors.filter((error) => !isPartOf(error, alternatives) && error.propertyName === undefined);
  const sentences = told.map((error) => {
    const place = placeOf(error, value, root);
    return { path: place, sentence: sentenceOf(error) };
  });
  const seen = new Set<string>();
  return sentences.filter(({ path, sentence }) => {
    const key = JSON.stringify([path, sentence]);
    return !seen.has(key) && seen.add(key);
  });
}

/** What no alternative fits is said once, by the keyword that offers them. */
function isPartOf(error: SchemaError, alternatives: readonly SchemaError[]): boolean {
  return (
    WITHIN_ALTERNATIVES.test(error.schemaPath) &&
    alternatives.some((one) => one !== error && error.schemaPath.startsWith(`${one.schemaPath}/`))
  );
}

/** What was misspelt is the place, not the object around it. */
function placeOf({ instancePath, keyword, params }: SchemaError, value: CanonicalValue, root: readonly string[]) {
  const path: (string | number)[] = [...root];
  let at: CanonicalValue | undefined = value;
  for (const step of instancePath.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(isList(at) ? Number(name) : name);
    at = isList(at) ? at[Number(name)] : memberOf(at, name);
  }
  const named = keyword === 'additionalProperties' ? params.additionalProperty : params.propertyName;
  return typeof named === 'string' && keyword !== 'required' ? [...path, named] : path;
}

function sentenceOf({ keyword, params, parentSchema, data }: SchemaError): string {
  const schema = Object(parentSchema);
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(String(params.additionalProperty), Object.keys(Object(schema.properties)));
    case 'required':
    case 'dependencies':
      return missing(params, schema);
    case 'propertyNames':
      return wrongName(schema);
    case 'exactInteger':
      return wrongInteger(Object(schema.exactInteger), data);
    case 'base58Address':
      return `${quoted(data)} is no address: base58 of 32 bytes is needed, and this is mistyped or cut`;
    case 'enum':
      return `${quoted(data)} is none of ${listed(Object(params).allowedValues)}${meant(data, Object(params).allowedValues)}`;
    case 'exactEnum':
      return `${quoted(data)} is none of ${listed(schema.exactEnum)}`;
    case 'type':
      return `${quoted(data)} is ${kindOf(data)}; ${oneOfKinds(params.type)} belongs here${described(schema)}`;
    case 'minItems':
    case 'minProperties':
      return `${params.limit === 1 ? 'it is empty; name at least one' : `it needs at least ${params.limit}`}${described(schema)}`;
    case 'uniqueItems':
      return 'it names the same twice';
    case 'anyOf':
    case 'oneOf':
      return wrongAlternative(keyword, schema);
    case 'pattern':
      return `${quoted(data)} does not fit${described(schema)}`;
    default:
      return `${quoted(data)} does not fit: ${keyword} ${quoted(Object(schema)[keyword])}${described(schema)}`;
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  const rest = known.length === 0 ? 'nothing is set here' : `known here: ${known.toSorted().join(', ')}`;
  return nearest === null
    ? `there is no such setting; ${rest}`
    : `there is no such setting; is it ${nearest}? (${rest})`;
}

function missing(params: SchemaError['params'], schema: Readonly<Record<string, unknown>>): string {
  const name = String(params.missingProperty);
  const { description } = Object(Object(schema.properties)[name]);
  return `${name} is missing${typeof description === 'string' ? `: ${description}` : ''}`;
}

function wrongName(schema: Readonly<Record<string, unknown>>): string {
  const { pattern, base58Address: word } = Object(schema.propertyNames);
  if (word === 'SOL') {
    return 'this is no asset: SOL, the base58 address of a mint, or in the sources a symbol of data/assets is';
  }
  if (word === '') return 'this is no address: base58 of 32 bytes is needed; it is mistyped, cut, or something else';
  if (typeof word === 'string') return `this is neither an address (base58 of 32 bytes) nor ${word}`;
  return `this cannot be a name here${described(schema)}${typeof pattern === 'string' ? ` (${pattern})` : ''}`;
}

function wrongInteger({ least, most, or }: Bounds, value: unknown): string {
  if (typeof value === 'bigint') {
    if (least !== null && value < least) {
      return least === 0n
        ? `${value} is negative; it must be 0 or more`
        : `${value} is too small; at least ${least} is needed`;
    }
    return most === U64_MAX
      ? `${value} is more than there can be of any asset: at most ${U64_MAX}, the largest that fits 64 bits`
      : `${value} is too large; at most ${most} is permitted`;
  }
  if (or.length > 0) return `${quoted(value)} is ${kindOf(value)}; ${oneOfKinds(['integer', ...or])} belongs here`;
  const plain = most === null || most >= U64_MAX;
  return `${quoted(value)} is ${kindOf(value)}; ${plain ? AMOUNT : 'a whole number belongs here, without quotes'}`;
}

function wrongAlternative(keyword: string, schema: Readonly<Record<string, unknown>>): string {
  const offered = schema[keyword];
  const keys = Array.isArray(offered) ? offered.flatMap((one) => Object(one).required ?? []) : [];
  if (keys.length > 1 && Array.isArray(offered) && keys.length === offered.length) {
    return `${keyword === 'oneOf' ? 'exactly' : 'at least'} one of ${keys.join(', ')} must stand here`;
  }
  return `it fits none of the forms that it may have${described(schema)}`;
}

function meant(value: unknown, allowed: unknown): string {
  const nearest = typeof value === 'string' && Array.isArray(allowed) ? nearestName(value, allowed.map(String)) : null;
  return nearest === null ? '' : `; is it ${nearest}?`;
}

function listed(allowed: unknown): string {
  return Array.isArray(allowed) ? allowed.map(String).join(', ') : 'what is permitted';
}

function described({ description }: Readonly<Record<string, unknown>>): string {
  return typeof description === 'string' ? `: ${description}` : '';
}

function oneOfKinds(types: unknown): string {
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    boolean: 'true or false',
    integer: 'a whole number',
    null: 'null',
    object: 'an object',
    string: 'text',
  };
  return [types]
    .flat()
    .map((type) => kinds[String(type)] ?? String(type))
    .join(' or ');
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  const kinds: Readonly<Record<string, string>> = { bigint: 'a number', boolean: 'no name or number', string: 'text' };
  return kinds[typeof value] ?? 'an object';
}

function quoted(value: unknown): string {
  const text = canonicalJson(value as CanonicalValue);
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

function isList(value: CanonicalValue | undefined): value is readonly CanonicalValue[] {
  return value !== undefined && isJsonList(value);
}

function memberOf(value: CanonicalValue | undefined, name: string): CanonicalValue | undefined {
  return typeof value === 'object' && value !== null ? Object(value)[name] : undefined;
}
