// Owns how a row's columns become values: each is checked when it is read, and a row that is not what it should be is an error.
import { GatewayError } from '../../core/errors.ts';

/** As the driver gives it: text, bytes (Buffer), booleans, arrays of text; int8 and numeric as decimal text, json parsed. */
export type Row = Readonly<Record<string, unknown>>;

function wrong(column: string, expected: string): GatewayError {
  return new GatewayError('INTERNAL', `the database column ${column} should hold ${expected}`);
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrong(column, 'text');
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function oneOf<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const value = text(row, column);
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw wrong(column, `one of ${allowed.join(', ')}`);
  return found;
}

/** A copy that nothing else holds. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(column, 'bytes');
  return new Uint8Array(value);
}

export function bytesOrNull(row: Row, column: string): Uint8Array | null {
  return row[column] === null ? null : bytes(row, column);
}

export function boolean(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw wrong(column, 'true or false');
  return value;
}

export function bigint(row: Row, column: string): bigint {
  const value = text(row, column);
  if (!/^-?\d+$/.test(value)) throw wrong(column, 'a whole number');
  return BigInt(value);
}

export function bigintOrNull(row: Row, column: string): bigint | null {
  return row[column] === null ? null : bigint(row, column);
}

/** Unix milliseconds, or another int8 that is known to be below 2^53. */
export function milliseconds(row: Row, column: string): number {
  const value = Number(bigint(row, column));
  if (!Number.isSafeInteger(value)) throw wrong(column, 'a whole number below 2^53');
  return value;
}

export function millisecondsOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : milliseconds(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(column, 'a whole number');
  return value;
}

export function integerList(row: Row, column: string): readonly number[] {
  const value = row[column];
  if (!Array.isArray(value)) throw wrong(column, 'a list of whole numbers');
  return value.map((item: unknown) => {
    if (typeof item !== 'number' || !Number.isInteger(item)) throw wrong(column, 'a list of whole numbers');
    return item;
  });
}

export function textList(row: Row, column: string): readonly string[] {
  const value = row[column];
  if (!Array.isArray(value)) throw wrong(column, 'a list of texts');
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw wrong(column, 'a list of texts');
    return item;
  });
}
