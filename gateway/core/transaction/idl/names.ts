// Owns names: those of an IDL become snake case, as everywhere in the gateway.
import { type Place, refuse, shown, textAt } from './place.ts';

const LONGEST_NAME = 128;

/** Splits words as Anchor does when it derives a discriminator from a camel case name: `swapV2` is `swap_v2`, `setLPFee` is `set_lp_fee`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .join('_')
    .toLowerCase();
}

/** Snake case; empty, and refused, when it is no name. */
export function nameAt(place: Place): string {
  const text = textAt(place);
  if (text === null) return '';
  const name = /^[A-Za-z0-9_ -]*$/.test(text) && text.length <= LONGEST_NAME ? snakeCase(text) : '';
  if (name === '') {
    refuse(place, `must be a name of letters, digits and underscores, at most ${LONGEST_NAME}, not ${shown(text)}`);
  }
  return name;
}

/** Refuses the second of two things that have one name. */
export function requireDifferentNames(
  what: string,
  named: readonly { readonly name: string; readonly place: Place }[],
): void {
  const seen = new Map<string, Place>();
  for (const { name, place } of named) {
    if (name === '') continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, place);
    else refuse(place, `the ${what} ${name} stands at ${first.path} already`);
  }
}
