// Owns the proof that tests and fixtures pass without any mistake: else they could not tell one.
import { z } from 'zod';
import { opaAnswer } from '../../policy/build/opa.ts';
import { type Quarry, TEST_TIMEOUT } from './quarry.ts';
import { type Durations, testPlan } from './test-plan.ts';

const RESULTS = z.array(z.object({ package: z.string(), name: z.string(), duration: z.number() }));
const NANOSECONDS_IN_MS = 1_000_000;
const LONGEST_PROBLEM = 4_000;

/** Of the tests next to these files, how long each takes. Throws where one fails, or where there is nothing to mutate. */
export async function requireGreen(
  { directory, modules, isTest, noticedByFixtures }: Quarry,
  opa: string,
  files: ReadonlySet<string>,
): Promise<Durations> {
  const mutated = modules.find(({ file }) => files.has(file));
  if (mutated === undefined) throw new Error('there are no rules of your own to make mistakes in');
  if (await noticedByFixtures(mutated.file, mutated.source)) {
    throw new Error('fixtures are not decided as they expect; make them pass first (countersign policy test)');
  }
  const stage = testPlan(modules, isTest, new Map()).nearest(files);
  if (stage === null) return new Map();
  const test = ['test', '--format', 'json', '--timeout', TEST_TIMEOUT, '--run', stage.run, ...stage.files];
  const { code, output, problem } = await opaAnswer(opa, test, directory);
  if (code !== 0) throw new Error(`tests fail without any mistake; make them pass first:\n${cut(problem)}`);
  // opa prints null where there are no tests.
  const results = RESULTS.parse(JSON.parse(output) ?? []);
  return new Map(results.map(({ package: of, name, duration }) => [`${of}.${name}`, duration / NANOSECONDS_IN_MS]));
}

function cut(text: string): string {
  return text.length > LONGEST_PROBLEM ? `${text.slice(0, LONGEST_PROBLEM)}…` : text;
}
