// Owns the words for what the schema finds wrong. They never quote a value: it may be a secret in the wrong place.
import type * as z from 'zod';
import { nearestName } from '../core/nearest-name.ts';
import { type KeyPath, type Problem, printPath } from './problem.ts';
import { descriptionAt, keysAt, valueAt } from './schema-keys.ts';

export interface Origin {
  readonly root: unknown;
  lineOf(path: KeyPath): number | undefined;
  lineOfKey(path: KeyPath, key: string): number | undefined;
  variableOf(path: KeyPath): string | undefined;
}

/** A problem at a path, said of the variable where the value came from one. */
export function problemAt(origin: Origin, path: KeyPath, message: string): Problem {
  const variable = origin.variableOf(path);
  if (variable !== undefined) return { path: variable, message };
  return { path: printPath(path), ...lineField(origin.lineOf(path)), message };
}

function lineField(line: number | undefined): { readonly line?: number } {
  return line === undefined ? {} : { line };
}

/** One for each path; of several, the first says enough. */
export function schemaProblems(issues: readonly z.core.$ZodIssue[], origin: Origin): readonly Problem[] {
  const problems = issues.flatMap((issue) => problemsOf(issue, origin));
  return problems.filter(({ path }, n) => problems.findIndex((other) => other.path === path) === n);
}

function problemsOf(issue: z.core.$ZodIssue, origin: Origin): readonly Problem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code !== 'unrecognized_keys') return [problemAt(origin, path, wordsFor(issue, path, origin.root))];
  return issue.keys.map((key) => ({
    path: printPath([...path, key]),
    ...lineField(origin.lineOfKey(path, key)),
    message: unknownKey(key, keysAt(path, origin.root)),
  }));
}

function unknownKey(key: string, known: readonly string[]): string {
  // A secret stands in no configuration: its bare name is no key. A file comes first, because it can be changed without a restart.
  const places = ['file', 'env'].map((place) => `${key.toLowerCase()}_${place}`);
  if (places.every((place) => known.includes(place))) return `unknown key; did you mean ${places.join(' or ')}?`;
  const meant = nearestName(key, known);
  return meant === null ? `unknown key; known here are ${known.join(', ')}` : `unknown key; did you mean ${meant}?`;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'an integer',
  number: 'an integer',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function nounOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}

function wordsFor(issue: z.core.$ZodIssue, path: KeyPath, root: unknown): string {
  const value = valueAt(root, path);
  // The key that tells mappings apart has a meaning for each of them.
  if (value === undefined && issue.code === 'invalid_union') return `is missing: ${issue.message}`;
  if (value === undefined) return missing(descriptionAt(path, root));
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${NOUNS[issue.expected] ?? issue.expected}; it is ${nounOf(value)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${boundOf(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${boundOf(issue.origin, 'at most', issue.maximum)}`;
    // Their messages are ours, from the schema.
    case 'invalid_union':
    case 'invalid_format':
    case 'custom':
      return issue.message;
    case 'unrecognized_keys':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
      return 'is not valid';
  }
}

function missing(description: string | undefined): string {
  return description === undefined ? 'is missing' : `is missing: ${description}`;
}

function boundOf(origin: string, bound: string, amount: number | bigint): string {
  if (origin === 'array') return `have ${bound} ${amount} ${amount === 1 ? 'entry' : 'entries'}`;
  if (origin === 'string') return `have ${bound} ${amount} ${amount === 1 ? 'character' : 'characters'}`;
  return `be ${bound} ${amount}`;
}
