// Owns the tests that an author wrote in Rego: run by opa, and said by name where they fail.
import { relative, resolve } from 'node:path';
import { z } from 'zod';
import { opaAnswer } from '../../policy/build/opa.ts';
import { libraryFiles, ownRuleDirectories } from '../repository/rego-files.ts';

const RESULTS = z.array(
  z.object({
    package: z.string(),
    name: z.string(),
    fail: z.boolean().optional(),
    skip: z.boolean().optional(),
    error: z.unknown().optional(),
    location: z.object({ file: z.string(), row: z.number() }),
  }),
);

export interface RegoTests {
  readonly passed: number;
  readonly problems: readonly string[];
}

/** A test that is skipped is a problem: nobody knows what it would say. */
export async function regoTests(opa: string, directory: string): Promise<RegoTests> {
  const own = await ownRuleDirectories(directory);
  if (own.length === 0) return { passed: 0, problems: [] };
  const { output, problem } = await opaAnswer(opa, [
    'test',
    '--format',
    'json',
    ...(await libraryFiles('to test')),
    ...own,
  ]);
  const results = resultsOf(output);
  if (results === null) return { passed: 0, problems: [problem] };
  const wrong = results.filter(({ fail, skip, error }) => fail === true || skip === true || error !== undefined);
  return {
    passed: results.length - wrong.length,
    problems: wrong.map(({ package: name, name: test, location, skip, error }) => {
      const what =
        skip === true ? 'is skipped' : error === undefined ? 'fails' : `cannot run: ${JSON.stringify(error)}`;
      return `${relative(resolve(directory), location.file)}:${location.row}: ${name}.${test} ${what}`;
    }),
  };
}

function resultsOf(output: string): z.infer<typeof RESULTS> | null {
  if (output.trim() === '') return [];
  try {
    const read = RESULTS.safeParse(JSON.parse(output) ?? []);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
