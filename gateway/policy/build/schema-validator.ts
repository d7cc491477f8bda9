// Owns how data are held against a JSON Schema with exact integers: ajv compares numbers, and ours may be of any size.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parseAddress } from '../../core/base58.ts';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';
import type { SchemaObject } from './data-schema.ts';
import type { SourceValue } from './source-value.ts';

/** A long pattern is no name's, and can take for ever. */
const LARGEST_PATTERN = 256;
const ADDRESS = '^[1-9A-HJ-NP-Za-km-z]{32,44}$';
const ADDRESS_OR = /^\^\(\[1-9A-HJ-NP-Za-km-z\]\{32,44\}\|([A-Za-z]+)\)\$$/;
/** Keywords whose value counts something that fits a `number`. */
const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'];

/** What is wrong at one place, as ajv says it; `schema` of it is the exact one. */
export type SchemaError = ErrorObject<string, Readonly<Record<string, unknown>>, SchemaObject>;

/** Compiling one takes far longer than using it. */
const validators = new WeakMap<SchemaObject, ValidateFunction<SourceValue>>();

/** Throws an Error where the schema itself is wrong. */
export function schemaErrors(schema: SchemaObject, value: SourceValue): readonly SchemaError[] {
  const validate = validators.get(schema) ?? validatorOf(schema);
  validators.set(schema, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []) as readonly SchemaError[];
}

function validatorOf(schema: SchemaObject): ValidateFunction<SourceValue> {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    logger: false,
    ownProperties: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    verbose: true,
  });
  ajv.addKeyword({ keyword: 'exactInteger', schemaType: 'object', errors: false, validate: isWithin });
  ajv.addKeyword({ keyword: 'exactEnum', schemaType: 'array', errors: false, validate: isAmong });
  ajv.addKeyword({ keyword: 'base58Address', schemaType: 'string', errors: false, validate: isAddressOr });
  return ajv.compile<SourceValue>(Object(withExactIntegers(schema)));
}

export interface Bounds {
  readonly least: bigint | null;
  readonly most: bigint | null;
  /** What else it may be. */
  readonly or: readonly string[];
}

function isWithin({ least, most, or }: Bounds, value: unknown): boolean {
  if (typeof value !== 'bigint') return or.includes(value === null ? 'null' : typeof value);
  return (least === null || value >= least) && (most === null || value <= most);
}

function isAmong(allowed: readonly unknown[], value: unknown): boolean {
  return allowed.includes(value);
}

/** Of the right letters it is by its pattern; here it must be 32 bytes. */
function isAddressOr(word: string, value: unknown): boolean {
  return typeof value !== 'string' || value === word || parseAddress(value) !== null;
}

/** The same schema with `exactInteger` where an integer belongs, and every other number as ajv takes it. */
function withExactIntegers(schema: CanonicalValue): unknown {
  if (isJsonList(schema)) return schema.map(withExactIntegers);
  if (typeof schema === 'bigint') throw new Error(`the schema of the data has a number, ${schema}, where none belongs`);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { type, minimum, maximum, pattern, enum: allowed, ...rest } = Object(schema);
  return {
    ...Object.fromEntries(Object.entries<CanonicalValue>(rest).map(([key, value]) => [key, keywordOf(key, value)])),
    ...typeOf(type, minimum ?? null, maximum ?? null),
    // ajv writes what an enum holds into code, and knows no integers of any size.
    ...(allowed === undefined ? {} : hasInteger(allowed) ? { exactEnum: allowed } : { enum: allowed }),
    ...(pattern === undefined ? {} : patternOf(pattern)),
  };
}

function typeOf(type: CanonicalValue | undefined, least: CanonicalValue, most: CanonicalValue): object {
  const types = type === undefined ? [] : isJsonList(type) ? type : [type];
  if (types.includes('number')) throw new Error('the schema of the data may have no numbers but integers');
  if (types.includes('integer')) return { exactInteger: { least, most, or: types.filter((one) => one !== 'integer') } };
  if (least !== null || most !== null) {
    throw new Error('the schema of the data may have minimum and maximum only beside the type integer');
  }
  return type === undefined ? {} : { type };
}

function keywordOf(key: string, value: CanonicalValue): unknown {
  if (COUNTS.includes(key) && typeof value === 'bigint') return Number(value);
  // Names that stand for themselves, not keywords.
  if (key === 'properties' || key === 'definitions' || key === 'dependencies') {
    return Object.fromEntries(
      Object.entries<CanonicalValue>(Object(value)).map(([name, of]) => [name, withExactIntegers(of)]),
    );
  }
  return withExactIntegers(value);
}

function hasInteger(allowed: CanonicalValue): boolean {
  return isJsonList(allowed) && allowed.some((one) => typeof one === 'bigint');
}

function patternOf(pattern: CanonicalValue): object {
  if (typeof pattern !== 'string' || pattern.length > LARGEST_PATTERN) {
    throw new Error(`the schema of the data has a pattern that is no text of at most ${LARGEST_PATTERN} letters`);
  }
  const word = pattern === ADDRESS ? '' : ADDRESS_OR.exec(pattern)?.[1];
  return word === undefined ? { pattern } : { pattern, base58Address: word };
}
