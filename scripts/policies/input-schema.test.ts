// Owns the proof that the schema of the policy input takes every document that the gateway can write, and no other key.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CanonicalValue, canonicalJson } from '../../gateway/core/canonical-json.ts';
import { isJsonObject, parseJson } from '../../gateway/core/decision/json-value.ts';
import { buildMessagePolicyInput } from '../../gateway/core/policy-input/message-input.ts';
import { anyFacts } from '../../gateway/core/policy-input/testing/any-facts.ts';
import { anyMessageFacts } from '../../gateway/core/policy-input/testing/any-message-facts.ts';
import { buildPolicyInput } from '../../gateway/core/policy-input.ts';
import { findOpa, PROJECT, runOpa } from '../../gateway/policy/build/opa.ts';
import { GOLDEN_PLANS } from './golden-cases/all-cases.ts';
import { goldenInput } from './golden-cases/plan.ts';

type Path = readonly (string | number)[];

const SCHEMA = join(PROJECT, 'policies', 'schema', 'input.json');
/** Maps by free names: whatever key stands there is one. */
const FREE_MAPS = [/\.arguments(\.|$)/, /\.texts$/, /^context$/, /^request\.local_times$/];
const PRINTED = z.object({
  result: z.tuple([z.object({ expressions: z.tuple([z.object({ value: z.array(z.number()) })]) })]),
});

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-schema-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

describe('the schema of the policy input', () => {
  it('takes whatever the gateway writes, of facts well-formed or absurd', async () => {
    const documents = randomDocuments(200);
    expect(await refused(documents)).toEqual([]);
  });

  it('refuses a further key in every object, and each key that is misspelt', async () => {
    const wrong = [...new Map([...randomDocuments(60), ...goldenDocuments()].flatMap(misspelt))];
    expect(wrong.length).toBeGreaterThan(300);
    const found = new Set(await refused(wrong.map(([, document]) => document())));
    const taken = wrong.filter((_, i) => !found.has(i)).map(([place]) => place);
    expect(taken).toEqual([]);
  });
});

/** As many of transactions as of messages. */
function randomDocuments(count: number): readonly CanonicalValue[] {
  const inputs = [
    ...fc.sample(anyFacts, count).map(buildPolicyInput),
    ...fc.sample(anyMessageFacts, count).map(buildMessagePolicyInput),
  ];
  return inputs.map((input) => parseJson(new TextDecoder().decode(input)));
}

function goldenDocuments(): readonly CanonicalValue[] {
  return GOLDEN_PLANS.map(goldenInput);
}

/** Positions of the documents that do not fit. */
async function refused(documents: readonly CanonicalValue[]): Promise<readonly number[]> {
  const file = join(work, 'documents.json');
  await writeFile(file, canonicalJson({ documents }));
  const query = '[i | some i, document in data.documents; not json.match_schema(document, data.schema)[0]]';
  const sources = ['--data', file, '--data', `schema:${SCHEMA}`];
  const printed = JSON.parse(await runOpa(findOpa(), ['eval', '--format', 'json', ...sources, query]));
  return PRINTED.parse(printed).result[0].expressions[0].value;
}

/** One document for each object, with a key too many, and for each key, with that key misspelt; by place, made when it is asked for. */
function misspelt(document: CanonicalValue): readonly (readonly [string, () => CanonicalValue])[] {
  return objectsIn(document).flatMap((path) => {
    const place = path.filter((step) => typeof step === 'string').join('.');
    if (FREE_MAPS.some((pattern) => pattern.test(place))) return [];
    const keys = Object.keys(at(document, path));
    const further = () => changed(document, path, (found) => ({ ...found, further: 1n }));
    const renamed = keys.map((key): readonly [string, () => CanonicalValue] => [
      `${place}.${key} misspelt`,
      () => changed(document, path, ({ [key]: value = null, ...others }) => ({ ...others, [`${key}_`]: value })),
    ]);
    return [[`${place} with a further key`, further], ...renamed];
  });
}

function objectsIn(value: CanonicalValue, above: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => objectsIn(item, [...above, i]));
  if (!isJsonObject(value)) return [];
  return [above, ...Object.entries(value).flatMap(([key, item]) => objectsIn(item, [...above, key]))];
}

interface Fields {
  readonly [key: string]: CanonicalValue;
}

function at(value: CanonicalValue, [first, ...rest]: Path): Fields {
  if (first === undefined) {
    if (!isJsonObject(value)) throw new Error('the path leads to no object');
    return value;
  }
  return at(member(value, first), rest);
}

function changed(value: CanonicalValue, path: Path, change: (found: Fields) => Fields): CanonicalValue {
  const [first, ...rest] = path;
  if (first === undefined) return change(at(value, []));
  const below = changed(member(value, first), rest, change);
  if (Array.isArray(value)) return value.map((item, i) => (i === first ? below : item));
  return { ...at(value, []), [first]: below };
}

function member(value: CanonicalValue, step: string | number): CanonicalValue {
  const found = Array.isArray(value) ? value[Number(step)] : isJsonObject(value) ? value[step] : undefined;
  if (found === undefined) throw new Error(`the path leads nowhere: ${step}`);
  return found;
}
