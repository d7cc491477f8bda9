// Owns the signature slots of a wire transaction and the rule that nothing follows the last field.
import { type Cursor, refuse, requireBytes } from './cursor.ts';

export const SIGNATURE_BYTES = 64;

/** Copies of `count` signatures; `null` where a slot is all zeros. */
export function readSignatures(cursor: Cursor, count: number): readonly (Uint8Array | null)[] {
  const signatures: (Uint8Array | null)[] = [];
  if (!requireBytes(cursor, count * SIGNATURE_BYTES, 'signatures')) return signatures;
  for (let i = 0; i < count; i++) {
    const start = cursor.offset;
    cursor.offset += SIGNATURE_BYTES;
    signatures.push(isEmpty(cursor.bytes, start) ? null : cursor.bytes.slice(start, cursor.offset));
  }
  return signatures;
}

export function refuseTrailing(cursor: Cursor, field: string): void {
  const left = cursor.end - cursor.offset;
  if (cursor.error !== null || left === 0) return;
  const expected = 'the end of the bytes';
  refuse(cursor, { code: 'TRAILING_BYTES', field, expected, found: `${left} more bytes` });
}

function isEmpty(bytes: Uint8Array, start: number): boolean {
  for (let i = start; i < start + SIGNATURE_BYTES; i++) if (bytes[i] !== 0) return false;
  return true;
}
