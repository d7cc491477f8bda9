// Owns what is wrong with the ids that an administrator gives.
import { GatewayError } from '../../core/errors.ts';

const ID = /^[a-z0-9-]{1,64}$/;
const MAX_LIST = 64;

/** Throws INVALID_FIELD. */
export function idListField(field: string, values: readonly string[]): void {
  if (values.length > MAX_LIST) throw invalid(field, `at most ${MAX_LIST}`, String(values.length));
  for (const value of values) idField(field, value);
}

/** Throws INVALID_FIELD. */
export function idField(field: string, value: string): string {
  if (!ID.test(value)) throw invalid(field, '1 to 64 of a-z, 0-9 and dash', value);
  return value;
}

export function invalid(field: string, expected: string, found: string): GatewayError {
  const shown = found === '' ? 'nothing' : JSON.stringify(found.slice(0, 80));
  return new GatewayError('INVALID_FIELD', `${field} must be ${expected}; found ${shown}`, {
    metadata: { field, expected, found: shown },
  });
}
