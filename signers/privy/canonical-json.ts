// Owns JSON as Privy has it signed (RFC 8785), of what requests are made of: text, whole numbers, lists and objects of them.

export type CanonicalJson = string | number | readonly CanonicalJson[] | { readonly [key: string]: CanonicalJson };

/** Keys in the order of their UTF-16 units, no white space. Throws on a number that is no safe integer. */
export function canonicalJson(value: CanonicalJson): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error('only whole numbers are signed');
    return String(value);
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value)
    // Keys differ from each other.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${entries.join(',')}}`;
}

function isList(value: CanonicalJson): value is readonly CanonicalJson[] {
  return Array.isArray(value);
}
