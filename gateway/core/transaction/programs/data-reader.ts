// Owns reading the arguments of an instruction: the first thing that is wrong sticks, and later reads yield zeros.
import type { Address } from '../../address.ts';
import { addressAt } from '../../base58.ts';
import { encodeBase64 } from '../../base64.ts';
import type { ArgumentValue } from '../decoded-transaction.ts';

export interface DataReader {
  readonly data: Uint8Array;
  readonly view: DataView;
  offset: number;
  /** Why the data cannot be read; `null` while all is well. */
  failure: string | null;
}

/** Reads one argument and moves on. */
export type ReadArgument = (reader: DataReader) => ArgumentValue;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function openData(data: Uint8Array, offset: number): DataReader {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { data, view, offset, failure: null };
}

export function u8(reader: DataReader): bigint {
  const at = advance(reader, 1);
  return at === null ? 0n : BigInt(reader.view.getUint8(at));
}

export function u16(reader: DataReader): bigint {
  const at = advance(reader, 2);
  return at === null ? 0n : BigInt(reader.view.getUint16(at, true));
}

export function u32(reader: DataReader): bigint {
  const at = advance(reader, 4);
  return at === null ? 0n : BigInt(reader.view.getUint32(at, true));
}

export function u64(reader: DataReader): bigint {
  const at = advance(reader, 8);
  return at === null ? 0n : reader.view.getBigUint64(at, true);
}

/** Little-endian two's complement. */
export function signed(bytes: 1 | 2 | 4 | 8 | 16): ReadArgument {
  return (reader) => BigInt.asIntN(8 * bytes, unsigned(reader, bytes));
}

export function u128(reader: DataReader): bigint {
  return unsigned(reader, 16);
}

/** One byte, 0 or 1. */
export function bool(reader: DataReader): boolean {
  const value = u8(reader);
  if (value > 1n) reader.failure ??= `a boolean is 0 or 1, not ${value}`;
  return value === 1n;
}

/** So many bytes, as base64. */
export function bytes(count: number): ReadArgument {
  return (reader) => {
    const at = advance(reader, count);
    return at === null ? '' : encodeBase64(reader.data.subarray(at, at + count));
  };
}

export function address(reader: DataReader): Address | null {
  const at = advance(reader, 32);
  return at === null ? null : addressAt(reader.data, at);
}

/** UTF-8 to the end of the data. */
export function remainingText(reader: DataReader): string {
  return textOf(reader, reader.data.length - reader.offset);
}

/** One byte, 0 or 1, then the value when it is 1. */
export function option(read: ReadArgument): ReadArgument {
  return (reader) => {
    const tag = u8(reader);
    if (tag === 0n) return null;
    if (tag === 1n) return read(reader);
    reader.failure ??= `an option starts with 0 or 1, not ${tag}`;
    return null;
  };
}

/** One byte that stands for a name. */
export function oneOf(names: readonly string[]): ReadArgument {
  return (reader) => {
    const value = u8(reader);
    const name = names[Number(value)];
    if (name === undefined) reader.failure ??= `the value ${value} is not one of ${names.join(', ')}`;
    return name ?? null;
  };
}

/** UTF-8 of so many bytes. */
export function textOf(reader: DataReader, length: number): string {
  const at = advance(reader, length);
  if (at === null) return '';
  try {
    return UTF8.decode(reader.data.subarray(at, at + length));
  } catch {
    reader.failure = 'text is not valid UTF-8';
    return '';
  }
}

/** Moves on by `count` bytes and answers where they start; `null` when they are not all there. */
export function advance(reader: DataReader, count: number): number | null {
  if (reader.failure !== null) return null;
  const at = reader.offset;
  if (at + count > reader.data.length) {
    reader.failure = `data of ${reader.data.length} bytes are too short: ${at + count} are needed`;
    return null;
  }
  reader.offset = at + count;
  return at;
}

function unsigned(reader: DataReader, count: number): bigint {
  const at = advance(reader, count);
  let value = 0n;
  if (at === null) return value;
  for (let i = at + count - 1; i >= at; i--) value = (value << 8n) | BigInt(reader.data[i] ?? 0);
  return value;
}
