// Owns reading what bincode writes beyond plain numbers: lengths and counts are u64, tags of variants u32.
import { elements, type Variants, variantBy } from './composed-reader.ts';
import { advance, type DataReader, type ReadArgument, textOf, u32, u64 } from './data-reader.ts';

export function seed(reader: DataReader): string {
  const length = u64(reader);
  if (reader.failure === null && length > BigInt(reader.data.length)) {
    reader.failure = `a seed of ${length} bytes is longer than the instruction data`;
  }
  return textOf(reader, Number(length));
}

/** How many bytes follow; they must all be there. */
export function byteCount(reader: DataReader): bigint {
  const count = u64(reader);
  if (reader.failure === null && count > BigInt(reader.data.length)) {
    reader.failure = `${count} bytes are more than the instruction data hold`;
  }
  advance(reader, Number(count));
  return count;
}

export function variant(variants: Variants): ReadArgument {
  return variantBy(u32, variants);
}

/** Elements of so many bytes each, at least. */
export function list(read: ReadArgument, leastBytes: number): ReadArgument {
  return (reader) => elements(reader, u64(reader), read, leastBytes);
}
