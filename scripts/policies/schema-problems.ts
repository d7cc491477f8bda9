// Owns how a document is held against one of the JSON Schemas under policies/schema.
import { z } from 'zod';
import { runOpa } from '../../gateway/policy/build/opa.ts';

const FOUND = z.array(z.object({ desc: z.string(), field: z.string() }));
const printed = <T extends z.ZodType>(value: T) =>
  z.object({ result: z.tuple([z.object({ expressions: z.tuple([z.object({ value })]) })]) });
const PRINTED = printed(FOUND);
const PRINTED_BY_NAME = printed(z.record(z.string(), FOUND));

/** What is wrong with the document in a JSON file, or with the part of it at a path like `data.countersign`; empty: nothing. */
export async function schemaProblems(
  opa: string,
  document: { readonly file: string; readonly path: string },
  schema: string,
): Promise<readonly string[]> {
  const query = `json.match_schema(${document.path}, data.schema)[1]`;
  const sources = ['--data', document.file, '--data', `schema:${schema}`];
  const { result } = PRINTED.parse(JSON.parse(await runOpa(opa, ['eval', '--format', 'json', ...sources, query])));
  return result[0].expressions[0].value.map(({ desc, field }) => `${document.path}.${field}: ${desc}`);
}

/** What is wrong with each document of an object of them at the path, by one run of opa; each problem after its name. */
export async function schemaProblemsByName(
  opa: string,
  documents: { readonly file: string; readonly path: string },
  schema: string,
): Promise<readonly string[]> {
  const query = `{name: found | some name, document in ${documents.path}; found := json.match_schema(document, data.schema)[1]}`;
  const sources = ['--data', documents.file, '--data', `schema:${schema}`];
  const text = await runOpa(opa, ['eval', '--format', 'json', ...sources, query]);
  const { result } = PRINTED_BY_NAME.parse(JSON.parse(text));
  return Object.entries(result[0].expressions[0].value).flatMap(([name, found]) =>
    found.map(({ desc, field }) => `${name}: ${field}: ${desc}`),
  );
}
