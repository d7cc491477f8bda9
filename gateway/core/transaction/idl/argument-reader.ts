// Owns the bytes of one instruction while its arguments are read: the first thing that is wrong sticks, and work is bounded.
import type { ArgumentValue } from '../decoded-transaction.ts';
import type { IntegerType, PrefixType } from './program-description.ts';

export interface ArgumentReader {
  readonly data: Uint8Array;
  readonly view: DataView;
  offset: number;
  /** Where the value that is read must end: inside a sized value, else the end of the data. */
  end: number;
  /** Why the data cannot be read; `null` while all is well. */
  failure: string | null;
  /** Values that may still be read. */
  budget: number;
  depth: number;
  /** Where the value stands among the arguments; kept up only around texts. */
  readonly path: (string | number)[];
  readonly texts: Record<string, string>;
}

/** `undefined`: a text, which is put among the texts. */
export type ReadValue = (reader: ArgumentReader) => ArgumentValue | undefined;

/** References within references: only data of a type that contains itself go deeper than its IDL. */
export const DEEPEST_REFERENCE = 32;

/** More values than bytes are possible: structs of structs, and elements of no size. */
const FREE_VALUES = 1_024;
const VALUES_PER_BYTE = 8;

export function openArguments(data: Uint8Array, offset: number): ArgumentReader {
  return {
    data,
    view: new DataView(data.buffer, data.byteOffset, data.byteLength),
    offset,
    end: data.length,
    failure: null,
    budget: FREE_VALUES + VALUES_PER_BYTE * data.length,
    depth: 0,
    path: [],
    texts: {},
  };
}

export function fail(reader: ArgumentReader, why: string): void {
  reader.failure ??= why;
}

/** Where `count` bytes begin that are now read; -1 when they are not there. */
export function advance(reader: ArgumentReader, count: number): number {
  if (reader.failure !== null) return -1;
  const at = reader.offset;
  if (at + count > reader.end) {
    fail(reader, `${reader.end} bytes are too short: ${at + count} are needed`);
    return -1;
  }
  reader.offset = at + count;
  return at;
}

/** Counts `values` more; false when that are too many. */
export function spend(reader: ArgumentReader, values: number): boolean {
  if (reader.failure !== null) return false;
  reader.budget -= values;
  if (reader.budget >= 0) return true;
  fail(reader, 'there are more values than so few bytes may hold');
  return false;
}

/** 0 when the bytes are not there. */
export function readInteger(reader: ArgumentReader, type: IntegerType): bigint {
  const at = advance(reader, type.bytes);
  if (at < 0) return 0n;
  const { view } = reader;
  const little = !type.bigEndian;
  switch (type.bytes) {
    case 1:
      return BigInt(type.signed ? view.getInt8(at) : view.getUint8(at));
    case 2:
      return BigInt(type.signed ? view.getInt16(at, little) : view.getUint16(at, little));
    case 4:
      return BigInt(type.signed ? view.getInt32(at, little) : view.getUint32(at, little));
    case 8:
      return type.signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little);
    default:
      return readWide(view, at, type);
  }
}

/** In words of 8 bytes, the highest first. */
function readWide(view: DataView, at: number, { bytes, signed, bigEndian }: IntegerType): bigint {
  let value = 0n;
  for (let word = 0; word < bytes; word += 8) {
    const where = bigEndian ? at + word : at + bytes - 8 - word;
    value = (value << 64n) | view.getBigUint64(where, !bigEndian);
  }
  return signed ? BigInt.asIntN(8 * bytes, value) : value;
}

/** A count, a length or a tag; beyond 2^53 no data are that long. */
export function readPrefix(reader: ArgumentReader, type: PrefixType): number {
  if (type.kind === 'short_u16') return readShortU16(reader);
  if (type.bytes <= 4) {
    const at = advance(reader, type.bytes);
    if (at < 0) return 0;
    if (type.bytes === 1) return reader.view.getUint8(at);
    return type.bytes === 2 ? reader.view.getUint16(at, !type.bigEndian) : reader.view.getUint32(at, !type.bigEndian);
  }
  const value = readInteger(reader, type);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.MAX_SAFE_INTEGER;
}

/** Seven bits a byte, at most 16 of them; the one shortest form, as the runtime insists. */
function readShortU16(reader: ArgumentReader): number {
  let value = 0;
  for (let i = 0; i < 3; i++) {
    const at = advance(reader, 1);
    if (at < 0) return 0;
    const byte = reader.view.getUint8(at);
    value |= (byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if ((i > 0 && byte === 0) || value > 0xffff) break;
    return value;
  }
  fail(reader, 'a compact u16 is not in its shortest form');
  return 0;
}
