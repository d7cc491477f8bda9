// Owns what the schema of the policy input says of a path in it: its type, and whether it is always there.

import type { FactPath } from '../rego/paths.ts';
import { isRaw, type Raw, rawList, rawObject, rawText } from '../rego/raw-json.ts';

export interface SchemaType {
  /** JSON Schema's names; empty: anything. */
  readonly types: readonly string[];
  /** Whether the input always has it, where it has what stands around it. */
  readonly required: boolean;
  /** Of a list or object, whether it may hold nothing. */
  readonly mayBeEmpty: boolean;
}

/** `null` where the schema knows no such path. */
export function typeAt(schema: unknown, path: FactPath): SchemaType | null {
  const root = rawObject(schema);
  if (path[0] !== 'input') return null;
  let here = resolved(root, root);
  let required = true;
  for (const step of path.slice(1)) {
    const next = stepInto(root, here, step);
    if (next === null) return null;
    required = next.required;
    here = next.schema;
  }
  const minimum = here.minItems ?? here.minProperties;
  return { types: typesOf(here), required, mayBeEmpty: typeof minimum !== 'number' || minimum < 1 };
}

function stepInto(root: Raw, here: Raw, step: string): { readonly schema: Raw; readonly required: boolean } | null {
  if (isRaw(here.items) && (step === '*' || /^\d+$/.test(step))) {
    return { schema: resolved(root, here.items), required: true };
  }
  const properties = rawObject(here.properties);
  if (Object.hasOwn(properties, step)) {
    return { schema: resolved(root, rawObject(properties[step])), required: isRequired(here, step) };
  }
  if (isRaw(here.additionalProperties)) {
    return { schema: resolved(root, here.additionalProperties), required: step === '*' };
  }
  return null;
}

/** What stands in one of several forms, such as `transaction` beside `message`, counts as always there in its form. */
function isRequired(here: Raw, name: string): boolean {
  const forms = [here, ...rawList(here.oneOf).map(rawObject)];
  return forms.some(({ required }) => rawList(required).includes(name));
}

function resolved(root: Raw, schema: Raw): Raw {
  const reference = rawText(schema.$ref);
  const name = /^#\/definitions\/(\w+)$/.exec(reference)?.[1];
  return name === undefined ? schema : resolved(root, rawObject(rawObject(root.definitions)[name]));
}

function typesOf({ type }: Raw): readonly string[] {
  return typeof type === 'string' ? [type] : rawList(type).map(rawText);
}
