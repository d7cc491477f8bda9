// Owns reading composed arguments: structs, enums with values, lists, and the numbers that only some programs use.
import { encodeBase64 } from '../../base64.ts';
import type { ArgumentValue } from '../decoded-transaction.ts';
import { advance, type DataReader, type ReadArgument, u8 } from './data-reader.ts';

/** One byte, 0 or 1. */
export function bool(reader: DataReader): boolean {
  const value = u8(reader);
  if (value > 1n) reader.failure ??= `a boolean is 0 or 1, not ${value}`;
  return value === 1n;
}

/** Little-endian two's complement. */
export function signed(bytes: number): ReadArgument {
  return (reader) => BigInt.asIntN(8 * bytes, readNumber(reader, bytes));
}

export function u128(reader: DataReader): bigint {
  return readNumber(reader, 16);
}

/** So many bytes, as base64. */
export function bytes(count: number): ReadArgument {
  return (reader) => base64(reader, count);
}

/** Unsigned LEB128 of a u64: at most ten bytes; padding with zeros is accepted, as by the leb128 crate. */
export function leb128(reader: DataReader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = u8(reader);
    if (reader.failure !== null) return 0n;
    if (shift === 63n && byte > 1n) {
      reader.failure = 'a LEB128 number is larger than a u64';
      return 0n;
    }
    value |= (byte & 0x7fn) << shift;
    if (byte < 0x80n) return value;
  }
}

/** Bytes behind a LEB128 length, as base64. */
export function leb128Bytes(reader: DataReader): string {
  const count = leb128(reader);
  return base64(reader, boundedCount(reader, count));
}

/** As many elements as a LEB128 length says. Each takes a byte at least, so there are no more than bytes. */
export function leb128List(read: ReadArgument): ReadArgument {
  return (reader) => {
    const count = boundedCount(reader, leb128(reader));
    const elements: ArgumentValue[] = [];
    for (let i = 0; i < count && reader.failure === null; i++) elements.push(read(reader));
    return elements;
  };
}

export function struct(fields: Readonly<Record<string, ReadArgument>>): ReadArgument {
  const entries = Object.entries(fields);
  return (reader) => {
    const values: Record<string, ArgumentValue> = {};
    for (const [name, read] of entries) values[name] = read(reader);
    return values;
  };
}

/** One byte that says which variant; then its values, unless it has none. In the order of the program's enum. */
export function variant(variants: Readonly<Record<string, ReadArgument | null>>): ReadArgument {
  const entries = Object.entries(variants);
  return (reader) => {
    const number = u8(reader);
    const entry = entries[Number(number)];
    if (entry === undefined) {
      reader.failure ??= `${number} is none of ${entries.length} variants`;
      return null;
    }
    const [name, read] = entry;
    return read === null ? name : { [name]: read(reader) };
  };
}

function boundedCount(reader: DataReader, count: bigint): number {
  const left = reader.data.length - reader.offset;
  if (count <= BigInt(left)) return Number(count);
  reader.failure ??= `a list of ${count} does not fit into ${left} bytes`;
  return 0;
}

function base64(reader: DataReader, count: number): string {
  const at = advance(reader, count);
  return at === null ? '' : encodeBase64(reader.data.subarray(at, at + count));
}

function readNumber(reader: DataReader, count: number): bigint {
  const at = advance(reader, count);
  let value = 0n;
  if (at === null) return value;
  for (let i = at + count - 1; i >= at; i--) value = (value << 8n) | BigInt(reader.data[i] ?? 0);
  return value;
}
