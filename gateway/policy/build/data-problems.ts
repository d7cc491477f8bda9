// Owns what is wrong with policy data, in sentences for the people who wrote it: each with the place, what was found, and what would be right.
import { hash } from 'node:crypto';
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import type { SchemaObject } from './data-schema.ts';
import { readJsonBytes, textOf } from './read-json.ts';
import { type Sentence, sentencesOf } from './schema-sentences.ts';
import { schemaErrors } from './schema-validator.ts';
import { isSourceList, isSourceObject, OtherNumber, pathText, type SourceValue } from './source-value.ts';
import { walletProblems } from './wallet-problems.ts';
import { zoneProblems } from './zone-problems.ts';

const ROOT = ['data', 'countersign'] as const;
/** Whoever has more begins with these. */
const MOST_TOLD = 50;

/** Of a bundle: its data.json and its schema/data.json. Empty: the data fit. Never throws. */
export function dataProblems(data: Uint8Array, schema: Uint8Array): readonly string[] {
  try {
    const document = readJsonBytes(data, 'data.json');
    const parsed = schemaOf(schema);
    if (!isSourceObject(document) || Object.keys(document).join() !== 'countersign') {
      return ['data: it must be an object with the one key countersign'];
    }
    return valueProblems(document.countersign ?? null, parsed);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

const MOST_SCHEMAS = 2;
/** Read before, by their hash: bundles come one after the other with the same one. */
const schemas = new Map<string, SchemaObject>();

function schemaOf(bytes: Uint8Array): SchemaObject {
  const digest = hash('sha256', bytes);
  const schema = schemas.get(digest) ?? parseSchema(parseJson(textOf(bytes, 'schema/data.json')));
  schemas.delete(digest);
  schemas.set(digest, schema);
  const [oldest] = schemas.keys();
  if (schemas.size > MOST_SCHEMAS && oldest !== undefined) schemas.delete(oldest);
  return schema;
}

/** The same of what becomes `data.countersign`. Throws where the schema itself is wrong. */
export function valueProblems(value: SourceValue, schema: SchemaObject): readonly string[] {
  const exact = canonical(value);
  const certain = [
    ...otherNumbersIn(value, ROOT),
    ...walletProblems(exact, schema, ROOT),
    ...zoneProblems(exact, ROOT),
  ];
  // What is said of a place in so many words need not be said by the schema as well.
  const places = new Set(certain.filter(({ ofTheWhole }) => ofTheWhole).map(({ path }) => pathText(path)));
  const bySchema = sentencesOf(schemaErrors(schema, exact), exact, ROOT);
  const problems = [...certain, ...bySchema.filter(({ path }) => !places.has(pathText(path)))].map(
    ({ path, sentence }) => `${pathText(path)}: ${sentence}`,
  );
  const more = problems.length - MOST_TOLD;
  return more > 0 ? [...problems.slice(0, MOST_TOLD), `and ${more} more`] : problems;
}

function whole(text: string): string {
  return text.includes('.')
    ? `amounts are whole numbers in base units, or text with a unit such as "${/^-?[0-9.]+$/.test(text) ? text : '1.5'} SOL"`
    : 'it must be written in plain digits, without an exponent';
}

/** Throws where it is no object. */
export function parseSchema(value: CanonicalValue): SchemaObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('schema/data.json: it must hold a JSON object');
  }
  return Object(value);
}

/** Without what no policy counts with; whoever calls it has told of that. */
export function canonical(value: SourceValue): CanonicalValue {
  if (value instanceof OtherNumber) return 0n;
  if (isSourceList(value)) return value.map(canonical);
  if (!isSourceObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, canonical(item)]));
}

function* otherNumbersIn(value: SourceValue, path: Sentence['path']): Generator<Sentence> {
  if (value instanceof OtherNumber) {
    yield { path, sentence: `${value.text} is no whole number; ${whole(value.text)}`, ofTheWhole: true };
  } else if (isSourceList(value)) {
    for (const [at, item] of value.entries()) yield* otherNumbersIn(item, [...path, at]);
  } else if (isSourceObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* otherNumbersIn(item, [...path, key]);
  }
}

/** As it stands in a bundle. */
export function dataText(value: CanonicalValue): string {
  return `{"countersign":${canonicalJson(value)}}`;
}
