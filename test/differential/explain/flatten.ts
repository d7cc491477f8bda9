// Owns laying a decoded value out as text by path, so that two of them can be compared field by field.
import { getAddressDecoder } from '@solana/kit';

/** `a.b.c` for what is nested; options are their value or `null`. */
export function flatten(value: unknown, prefix = ''): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  collect(fields, prefix, value);
  return fields;
}

function collect(fields: Map<string, string>, path: string, value: unknown): void {
  const plain = plainValue(value);
  const isLeaf = typeof plain !== 'object' || plain === null || Array.isArray(plain) || plain instanceof Map;
  if (isLeaf) {
    fields.set(path, asText(plain));
    return;
  }
  for (const [name, member] of Object.entries(plain)) collect(fields, path === '' ? name : `${path}.${name}`, member);
}

/** Options of the published clients, and bytes as text. */
function plainValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'object' && value !== null && '__option' in value) {
    return 'value' in value ? plainValue(value.value) : null;
  }
  return value;
}

function asText(value: unknown): string {
  if (value instanceof Map) return JSON.stringify([...value]);
  return Array.isArray(value) ? value.map(asText).join(' ') : String(value);
}

export function addressText(data: Uint8Array, offset: number): string {
  return getAddressDecoder().decode(data, offset);
}
