// Owns the looking into policy data whose form nobody vouches for yet: what is not there, or is of another form, is nothing.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';
import type { SchemaObject } from './data-schema.ts';

export type Path = readonly (string | number)[];

export function namesIn(value: CanonicalValue | undefined): readonly string[] {
  return itemsOf(value).filter((name) => typeof name === 'string');
}

export function itemsOf(value: CanonicalValue | undefined): readonly CanonicalValue[] {
  return value !== undefined && isJsonList(value) ? value : [];
}

export function membersOf(value: CanonicalValue | undefined): readonly (readonly [string, CanonicalValue])[] {
  return isObject(value) ? Object.entries(value) : [];
}

export function memberOf(value: CanonicalValue | undefined, name: string): CanonicalValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function isObject(value: CanonicalValue | undefined): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The settings of each wallet of each agent, with where they stand below `root`. */
export function walletsIn(
  data: CanonicalValue,
  root: readonly string[],
): readonly { readonly path: readonly string[]; readonly wallet: CanonicalValue }[] {
  return membersOf(memberOf(data, 'agents')).flatMap(([agent, wallets]) =>
    membersOf(memberOf(wallets, 'wallets')).map(([name, wallet]) => ({
      path: [...root, 'agents', agent, 'wallets', name],
      wallet,
    })),
  );
}

/** Every object within, however deep, with where it stands below `path`. */
export function* objectsIn(
  value: CanonicalValue,
  path: Path,
): Generator<{ readonly path: Path; readonly object: SchemaObject }> {
  if (isObject(value)) {
    yield { path, object: value };
    for (const [key, member] of Object.entries(value)) yield* objectsIn(member, [...path, key]);
  } else for (const [at, item] of itemsOf(value).entries()) yield* objectsIn(item, [...path, at]);
}
