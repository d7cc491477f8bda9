// Owns reading what bincode writes beyond plain numbers: signed integers, flags, byte arrays, structs, variants and lists.
import { encodeBase64 } from '../../base64.ts';
import type { ArgumentValue } from '../decoded-transaction.ts';
import { advance, type DataReader, type ReadArgument, u8, u32, u64 } from './data-reader.ts';

export function i64(reader: DataReader): bigint {
  return BigInt.asIntN(64, u64(reader));
}

/** One byte, 0 or 1. */
export function bool(reader: DataReader): boolean {
  const value = u8(reader);
  if (value > 1n) reader.failure ??= `a flag is 0 or 1, not ${value}`;
  return value === 1n;
}

/** As many bytes as are said here. */
export function bytes(count: number): ReadArgument {
  return (reader) => {
    const at = advance(reader, count);
    return at === null ? '' : encodeBase64(reader.data.subarray(at, at + count));
  };
}

/** Fields one after the other. */
export function struct(fields: Readonly<Record<string, ReadArgument>>): ReadArgument {
  const entries = Object.entries(fields);
  return (reader) => Object.fromEntries(entries.map(([name, read]) => [name, read(reader)]));
}

/** A u32 that stands for a name, then what that variant holds; `null`: nothing. */
export function variant(cases: Readonly<Record<string, ReadArgument | null>>): ReadArgument {
  const entries = Object.entries(cases);
  return (reader) => {
    const index = u32(reader);
    const found = entries[Number(index)];
    if (found === undefined) {
      reader.failure ??= `the variant ${index} is not one of ${Object.keys(cases).join(', ')}`;
      return null;
    }
    const [name, read] = found;
    return read === null ? name : { [name]: read(reader) };
  };
}

/** A u64 count, then the elements, each of so many bytes at least; never more than the data can hold. */
export function list(read: ReadArgument, leastBytes: number): ReadArgument {
  return (reader) => elements(reader, u64(reader), read, leastBytes);
}

/** Elements behind a count that was read already. */
export function elements(
  reader: DataReader,
  count: bigint,
  read: ReadArgument,
  leastBytes: number,
): readonly ArgumentValue[] {
  const room = Math.floor((reader.data.length - reader.offset) / leastBytes);
  if (reader.failure === null && count > BigInt(room)) {
    reader.failure = `a list of ${count} does not fit the data: there is room for ${room}`;
  }
  if (reader.failure !== null) return [];
  return Array.from({ length: Number(count) }, () => read(reader));
}
