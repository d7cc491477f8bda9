// Owns how a document is held against one of the JSON Schemas under policies/schema.
import { z } from 'zod';
import { runOpa } from './opa.ts';

const PRINTED = z.object({
  result: z.tuple([
    z.object({
      expressions: z.tuple([z.object({ value: z.array(z.object({ desc: z.string(), field: z.string() })) })]),
    }),
  ]),
});

/** What is wrong with the document in a JSON file, or with the part of it at a path like `data.countersign`; empty: nothing. */
export async function schemaProblems(
  opa: string,
  document: { readonly file: string; readonly path: string },
  schema: string,
): Promise<readonly string[]> {
  const query = `json.match_schema(${document.path}, data.schema)[1]`;
  const sources = ['--data', document.file, '--data', `schema:${schema}`];
  const printed = PRINTED.parse(JSON.parse(await runOpa(opa, ['eval', '--format', 'json', ...sources, query])));
  return printed.result[0].expressions[0].value.map(({ desc, field }) => `${document.path}.${field}: ${desc}`);
}
