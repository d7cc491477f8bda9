// Owns how the values of a policy input become JSON text, by hand because it stands on the hot path.

/** Throws on text that is not well-formed Unicode: such text has no UTF-8 form. */
export function text(value: string): string {
  if (!value.isWellFormed()) throw new Error('text with a lone surrogate cannot stand in a policy input');
  return JSON.stringify(value);
}

/** A small count or index; amounts are bigint and written as they are. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`a policy input holds whole numbers, not ${value}`);
  return String(value === 0 ? 0 : value);
}

export function list<T>(items: readonly T[], write: (item: T) => string): string {
  let json = '[';
  let separator = '';
  for (const item of items) {
    json += separator + write(item);
    separator = ',';
  }
  return `${json}]`;
}

/** `,"name":"value"`, or nothing: a fact that is absent is left out, so that a rule that needs it is undefined. */
export function optionalText(name: string, value: string | null): string {
  return value === null ? '' : `,"${name}":${text(value)}`;
}

export function optionalWhole(name: string, value: number | null): string {
  return value === null ? '' : `,"${name}":${whole(value)}`;
}
