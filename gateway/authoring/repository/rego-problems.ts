// Owns what `opa check` finds in the rules of a policy repository, with the names that were probably meant.
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { nearestName } from '../../core/nearest-name.ts';
import { POLICIES } from '../../policy/build/bundle-sources.ts';
import { opaAnswer } from '../../policy/build/opa.ts';
import { withRemedies } from '../../policy/build/remedies.ts';
import { libraryFiles, ownRuleDirectories } from './rego-files.ts';

const LOCATION = z.object({ file: z.string(), row: z.number(), col: z.number() });
const DETAILS = z.object({
  ref: z.array(z.object({ value: z.unknown() })),
  pos: z.number(),
  oneOf: z.array(z.string()).nullish(),
});
const ERRORS = z.object({
  errors: z.array(z.object({ message: z.string(), location: LOCATION.nullish(), details: z.unknown().optional() })),
});

/** Types, by the schema of the policy input; what WebAssembly lacks; and all that `--strict` finds. Empty: nothing is wrong. */
export async function regoProblems(opa: string, directory: string): Promise<readonly string[]> {
  const own = await ownRuleDirectories(directory);
  if (own.length === 0) return [];
  const check = ['check', '--strict', '--format', 'json', '--schema', join(POLICIES, 'schema')];
  const typed = await problemsOf(opa, [...check, ...(await libraryFiles('to test')), ...own], directory);
  if (typed.length > 0) return typed;
  // Tests may use every builtin; what is compiled to WebAssembly may not.
  const capabilities = ['--capabilities', join(POLICIES, 'capabilities.json'), '--ignore', '*_test.rego'];
  return problemsOf(opa, [...check, ...capabilities, ...(await libraryFiles('to compile')), ...own], directory);
}

async function problemsOf(opa: string, args: readonly string[], directory: string): Promise<readonly string[]> {
  const { code, output, problem } = await opaAnswer(opa, args);
  if (code === 0) return [];
  const errors = ERRORS.safeParse(jsonOf(output === '' ? problem : output));
  if (!errors.success) return [withRemedies(problem)];
  return errors.data.errors.map(({ message, location, details }) => {
    const place = location ? `${relative(resolve(directory), location.file)}:${location.row}:${location.col}: ` : '';
    return `${place}${withRemedies(message)}${meant(details)}`;
  });
}

/** opa says at which step of a reference it found nothing, and what stands there instead. */
function meant(details: unknown): string {
  const read = DETAILS.safeParse(details);
  if (!read.success) return '';
  const names = read.data.oneOf ?? [];
  const nearest = nearestName(String(read.data.ref[read.data.pos]?.value), names);
  const known = names.length === 0 ? '' : ` (known here: ${names.join(', ')})`;
  return nearest === null ? known : `; is it ${nearest}?${known}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
