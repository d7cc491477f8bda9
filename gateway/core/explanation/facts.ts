// Owns careful reading of a policy input document: whatever is absent or of another type is not known, and said to be so.
import type { CanonicalValue } from '../canonical-json.ts';
import { amountText } from './amounts.ts';
import { printable } from './printable.ts';

export type Facts = Readonly<Record<string, CanonicalValue>>;

const NONE: Facts = {};

export function isFacts(value: CanonicalValue | undefined): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(facts: Facts, name: string): Facts {
  const value = facts[name];
  return isFacts(value) ? value : NONE;
}

/** The objects in a list. */
export function listAt(facts: Facts, name: string): readonly Facts[] {
  const value = facts[name];
  return Array.isArray(value) ? value.filter(isFacts) : [];
}

/** The texts in a list, ready for a terminal. */
export function textsAt(facts: Facts, name: string): readonly string[] {
  const value = facts[name];
  return Array.isArray(value) ? value.map((item) => printable(String(item))) : [];
}

/** Ready for a terminal; `null`: not there. */
export function textAt(facts: Facts, name: string): string | null {
  const value = facts[name];
  return typeof value === 'string' ? printable(value) : null;
}

/** Ready for a terminal, whatever is there. */
export function shownAt(facts: Facts, name: string): string {
  const value = facts[name];
  return typeof value === 'string' || typeof value === 'bigint' ? printable(String(value)) : '(unknown)';
}

export function integerAt(facts: Facts, name: string): bigint | null {
  const value = facts[name];
  return typeof value === 'bigint' ? value : null;
}

/** An amount of the asset that stands beside it. */
export function amountAt(facts: Facts, name = 'amount'): string {
  const decimals = integerAt(facts, 'decimals');
  return amountText(shownAt(facts, 'asset'), shownAt(facts, name), decimals === null ? undefined : Number(decimals));
}
