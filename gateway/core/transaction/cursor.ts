// Owns reading forward through wire bytes; the first thing that is wrong sticks, and later reads yield zeros.
import type { Address } from '../address.ts';
import { addressAt, encodeBase58 } from '../base58.ts';
import type { MalformedTransaction } from './compiled-transaction.ts';

export interface Cursor {
  readonly bytes: Uint8Array;
  /** Reading stops here; may be lowered when the end of the message becomes known. */
  end: number;
  offset: number;
  /** Index of the list element being read: fills the `[]` in field paths. */
  element: number;
  error: MalformedTransaction | null;
}

export function openCursor(bytes: Uint8Array): Cursor {
  return { bytes, end: bytes.length, offset: 0, element: 0, error: null };
}

/** Records what is wrong, unless something already was. */
export function refuse(
  cursor: Cursor,
  problem: { code: string; field: string; expected: string; found: string; offset?: number },
): void {
  cursor.error ??= {
    code: problem.code,
    field: problem.field.replace('[]', `[${cursor.element}]`),
    offset: problem.offset ?? cursor.offset,
    expected: problem.expected,
    found: problem.found,
  };
}

/** Whether `count` more bytes are there; refuses as TRUNCATED when not. */
export function requireBytes(cursor: Cursor, count: number, field: string): boolean {
  if (cursor.error !== null) return false;
  const left = cursor.end - cursor.offset;
  if (left >= count) return true;
  refuse(cursor, { code: 'TRUNCATED', field, expected: `${count} more bytes`, found: `${left} bytes` });
  return false;
}

export function readU8(cursor: Cursor, field: string): number {
  if (!requireBytes(cursor, 1, field)) return 0;
  return cursor.bytes[cursor.offset++] ?? 0;
}

export function readU16(cursor: Cursor, field: string): number {
  if (!requireBytes(cursor, 2, field)) return 0;
  const { bytes, offset } = cursor;
  cursor.offset += 2;
  return (bytes[offset] ?? 0) + (bytes[offset + 1] ?? 0) * 0x100;
}

export function readU32(cursor: Cursor, field: string): number {
  if (!requireBytes(cursor, 4, field)) return 0;
  return readU16(cursor, field) + readU16(cursor, field) * 0x1_0000;
}

export function readU64(cursor: Cursor, field: string): bigint {
  if (!requireBytes(cursor, 8, field)) return 0n;
  const low = readU32(cursor, field);
  return BigInt(low) + BigInt(readU32(cursor, field)) * 0x1_0000_0000n;
}

export function readAddress(cursor: Cursor, field: string): Address | null {
  if (!requireBytes(cursor, 32, field)) return null;
  cursor.offset += 32;
  return addressAt(cursor.bytes, cursor.offset - 32);
}

/** Base58 of 32 bytes that are a hash and not an address. */
export function readHash(cursor: Cursor, field: string): string {
  if (!requireBytes(cursor, 32, field)) return '';
  cursor.offset += 32;
  return encodeBase58(cursor.bytes.subarray(cursor.offset - 32, cursor.offset));
}

export function readIndexes(cursor: Cursor, count: number, field: string): number[] {
  const indexes: number[] = [];
  if (!requireBytes(cursor, count, field)) return indexes;
  for (let i = 0; i < count; i++) indexes.push(cursor.bytes[cursor.offset + i] ?? 0);
  cursor.offset += count;
  return indexes;
}

/** A compact-u16 length in its shortest form, as the runtime's short_vec demands. */
export function readShortLength(cursor: Cursor, field: string): number {
  const start = cursor.offset;
  let value = 0;
  for (let position = 0; position < 3; position++) {
    const byte = readU8(cursor, field);
    if (cursor.error !== null) return 0;
    if (byte === 0 && position > 0) return refuseLength(cursor, field, start, 'a length padded with a zero byte');
    value += (byte & 0x7f) * 2 ** (7 * position);
    if (byte < 0x80) return value <= 0xffff ? value : refuseLength(cursor, field, start, `${value}`);
  }
  return refuseLength(cursor, field, start, 'a length of more than 3 bytes');
}

function refuseLength(cursor: Cursor, field: string, offset: number, found: string): number {
  const expected = 'a compact-u16 length in its shortest form, at most 65535';
  refuse(cursor, { code: 'NON_CANONICAL_LENGTH', field, expected, found, offset });
  return 0;
}
