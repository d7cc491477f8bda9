// Owns the smallest parts of the WebAssembly binary format: integers in LEB128, names, vectors of bytes (W3C, "WebAssembly Core
// Specification", 5).

/** A place in bytes, and where the part that is read ends. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

export function cursorOver(bytes: Uint8Array): Cursor {
  return { bytes, at: 0, end: bytes.length };
}

export function byte(cursor: Cursor): number {
  const value = cursor.bytes[cursor.at];
  if (value === undefined || cursor.at >= cursor.end) throw new Error(`it ends in the middle, at byte ${cursor.at}`);
  cursor.at += 1;
  return value;
}

/** At most five bytes, and no more than 32 bits in them. */
export function u32(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift <= 28; shift += 7) {
    const next = byte(cursor);
    if (shift === 28 && next > 0x0f) break;
    value += (next & 0x7f) * 2 ** shift;
    if (next < 0x80) return value;
  }
  throw new Error(`the number before byte ${cursor.at} is larger than 32 bits`);
}

/** A signed number, whose value is of no matter: at most as many bytes as its bits need. */
export function skipSigned(cursor: Cursor, bits: 32 | 33 | 64): void {
  for (let left = Math.ceil(bits / 7); left > 0; left--) {
    if (byte(cursor) < 0x80) return;
  }
  throw new Error(`the number before byte ${cursor.at} is larger than ${bits} bits`);
}

export function take(cursor: Cursor, length: number): Uint8Array {
  const { at } = cursor;
  if (length > cursor.end - at) throw new Error(`it ends in the middle, at byte ${cursor.end}`);
  cursor.at += length;
  return cursor.bytes.subarray(at, cursor.at);
}

export function name(cursor: Cursor): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(cursor, u32(cursor)));
}

/** i32, i64, f32 or f64: no references. */
export function numberType(cursor: Cursor): void {
  const type = byte(cursor);
  if (type < 0x7c || type > 0x7f) throw new Error(`the type before byte ${cursor.at} is no number`);
}

export function requireEnd(cursor: Cursor, what: string): void {
  if (cursor.at !== cursor.end) throw new Error(`${what} is longer than what is in it, at byte ${cursor.at}`);
}

export function unsignedLeb(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

/** Of a number that is not negative. */
export function signedLeb(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x40; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
