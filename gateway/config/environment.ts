// Owns what the environment says of the configuration: variables that take the place of keys of the file.
import { nearestName } from '../core/nearest-name.ts';
import type { KeyPath, Problem } from './problem.ts';
import { SCALARS, type Scalar } from './schema-keys.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that others give the same thing. */
const COMMON_NAMES: Readonly<Record<string, string>> = {
  COUNTERSIGN_DATABASE_URL: 'DATABASE_URL',
  COUNTERSIGN_REDIS_URL: 'REDIS_URL',
};
const MISSPELT_EDITS = 2;

export interface Overridden {
  readonly root: unknown;
  /** The variable that a value came from; `undefined`: it stands in the file. */
  variableOf(path: KeyPath): string | undefined;
  readonly problems: readonly Problem[];
}

type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An integer or boolean that is not written as one stays text, so that the schema refuses it. */
function typed(type: Scalar['type'], text: string): unknown {
  if (type === 'integer' && /^-?[0-9]{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** `url` given by the environment puts `url_file` of the file out of force, and the other way round. */
function rivalOf(key: string): string {
  return key.endsWith('_file') ? key.slice(0, -'_file'.length) : `${key}_file`;
}

/** A copy with one value replaced; what is not a mapping on the way stays, and the schema refuses it. */
function withValue(root: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (root !== undefined && root !== null && !isMapping(root)) return root;
  const { [rest.length === 0 ? rivalOf(key) : '']: _rival, ...kept } = root ?? {};
  return { ...kept, [key]: withValue(kept[key], rest, value) };
}

/** An empty variable counts as not set. */
export function applyEnvironment(root: unknown, env: Environment): Overridden {
  const variables = new Map<string, string>();
  let result = root;
  for (const { path, variable, type } of SCALARS) {
    const name = env[variable] ? variable : (COMMON_NAMES[variable] ?? variable);
    const given = env[name];
    if (given === undefined || given === '') continue;
    variables.set(path.join('.'), name);
    result = withValue(result, path, typed(type, given));
  }
  return { root: result, variableOf: (path) => variables.get(path.join('.')), problems: misspelt(env) };
}

/** Only near misses: orchestrators put variables of their own there, such as COUNTERSIGN_SERVICE_HOST. */
function misspelt(env: Environment): readonly Problem[] {
  const known = SCALARS.map(({ variable }) => variable);
  return Object.keys(env)
    .filter((variable) => variable.startsWith('COUNTERSIGN_') && !known.includes(variable))
    .flatMap((variable) => {
      const meant = nearestName(variable.slice('COUNTERSIGN_'.length), known.map(withoutPrefix), MISSPELT_EDITS);
      if (meant === null) return [];
      return [{ path: variable, message: `unknown environment variable; did you mean COUNTERSIGN_${meant}?` }];
    });
}

function withoutPrefix(variable: string): string {
  return variable.slice('COUNTERSIGN_'.length);
}
