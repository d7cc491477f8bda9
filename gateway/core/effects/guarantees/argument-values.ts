// Owns looking into composed arguments.
import type { ArgumentValue } from '../../transaction/decoded-transaction.ts';

/** The members of a struct, or of an enum's variant; none of what is no struct. */
export function membersOf(value: ArgumentValue | undefined): readonly (readonly [string, ArgumentValue])[] {
  return typeof value === 'object' && value !== null && !isList(value) ? Object.entries(value) : [];
}

export function memberOf(value: ArgumentValue | undefined, name: string): ArgumentValue | undefined {
  return membersOf(value).find(([key]) => key === name)?.[1];
}

export function isList(value: ArgumentValue | undefined): value is readonly ArgumentValue[] {
  return Array.isArray(value);
}
