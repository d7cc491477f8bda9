// Owns reading what Borsh writes beyond plain numbers, and the LEB128 numbers that Lighthouse puts in place of its lengths.
import { encodeBase64 } from '../../base64.ts';
import { elements, type Variants, variantBy } from './composed-reader.ts';
import { advance, type DataReader, type ReadArgument, textOf, u8, u32 } from './data-reader.ts';

export function text(reader: DataReader): string {
  const length = u32(reader);
  return textOf(reader, Number(length));
}

export function variant(variants: Variants): ReadArgument {
  return variantBy(u8, variants);
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
  const count = Number(leb128(reader));
  const at = advance(reader, count);
  return at === null ? '' : encodeBase64(reader.data.subarray(at, at + count));
}

/** As many elements as a LEB128 length says. */
export function leb128List(read: ReadArgument): ReadArgument {
  return (reader) => elements(reader, leb128(reader), read, 1);
}
