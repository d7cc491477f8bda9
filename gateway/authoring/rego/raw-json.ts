// Owns the reading of opa's JSON, part by part: what is not there is empty, never an exception.

export type Raw = Readonly<Record<string, unknown>>;

export function rawObject(value: unknown): Raw {
  return isRaw(value) ? value : {};
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function rawList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function rawText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function rawNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
