// Owns where the schemas of the rules' settings are read from: the library's own, and those of a policy repository.
import { glob } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import { bytesOf, POLICIES } from './bundle-sources.ts';
import { openPlace } from './closed-schema.ts';
import { assembleDataSchema, type SchemaObject } from './data-schema.ts';
import { textOf } from './read-json.ts';
import { schemaErrors } from './schema-validator.ts';

const SCHEMAS = join(POLICIES, 'schema');

/** Of the library and, where given, of a directory with one `<rule>.json` for each rule of one's own. Throws what is wrong with which. */
export async function dataSchema(rules: readonly string[], ownSchemas: string | null): Promise<SchemaObject> {
  const definitions = await schemaIn(SCHEMAS, 'definitions.json');
  const settings = await schemasIn(join(SCHEMAS, 'rules'));
  const own = ownSchemas === null ? new Map<string, CanonicalValue>() : await schemasIn(ownSchemas);
  for (const [rule, schema] of own) {
    const problem = settings.has(rule)
      ? 'the library has a rule of this name, with settings of its own'
      : rules.includes(rule)
        ? openPlace(schema)
        : `there is no rule ${rule} that could have these settings; there are: ${rules.join(', ')}`;
    if (problem !== null) throw new Error(`${join(ownSchemas ?? '', `${rule}.json`)}: ${problem}`);
  }
  return checkedOnce(assembleDataSchema({ definitions, settings: new Map([...settings, ...own]), rules }));
}

/** Those that ajv took, by their text: to compile one takes longer than to build a small bundle. The one used last is the last. */
const checked = new Map<string, SchemaObject>();
const MOST_KEPT = 16;

/** A schema that ajv does not take is found out here, and not by whoever loads the bundle. */
function checkedOnce(schema: SchemaObject): SchemaObject {
  const text = canonicalJson(schema);
  const known = checked.get(text) ?? schema;
  schemaErrors(known, {});
  checked.delete(text);
  checked.set(text, known);
  for (const [oldest] of checked) {
    if (checked.size <= MOST_KEPT) break;
    checked.delete(oldest);
  }
  return known;
}

async function schemasIn(directory: string): Promise<ReadonlyMap<string, CanonicalValue>> {
  const files = (await Array.fromAsync(glob('*.json', { cwd: directory }))).sort();
  return new Map(
    await Promise.all(files.map(async (file) => [basename(file, '.json'), await schemaIn(directory, file)] as const)),
  );
}

async function schemaIn(directory: string, file: string): Promise<CanonicalValue> {
  const place = join(directory, file);
  try {
    return parseJson(textOf(await bytesOf(place), place));
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? error.message : error}`);
  }
}
