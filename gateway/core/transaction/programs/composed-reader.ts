// Owns reading arguments that hold arguments: structs, variants and lists, in whatever format their tag or count is written.
import type { ArgumentValue } from '../decoded-transaction.ts';
import type { DataReader, ReadArgument } from './data-reader.ts';

/** Fields one after the other. */
export function struct(fields: Readonly<Record<string, ReadArgument>>): ReadArgument {
  const entries = Object.entries(fields);
  return (reader) => Object.fromEntries(entries.map(([name, read]) => [name, read(reader)]));
}

/** In the order of the program's enum: the name and what the variant holds, or the name alone where that is `null`. */
export type Variants = Readonly<Record<string, ReadArgument | null>>;

export function variantBy(readTag: (reader: DataReader) => bigint, variants: Variants): ReadArgument {
  const entries = Object.entries(variants);
  return (reader) => {
    const tag = readTag(reader);
    const found = entries[Number(tag)];
    if (found === undefined) {
      reader.failure ??= `the variant ${tag} is not one of ${Object.keys(variants).join(', ')}`;
      return null;
    }
    const [name, read] = found;
    return read === null ? name : { [name]: read(reader) };
  };
}

/** Elements behind a count that was read already, each of so many bytes at least; never more than the data can hold. */
export function elements(
  reader: DataReader,
  count: bigint,
  read: ReadArgument,
  leastBytes: number,
): readonly ArgumentValue[] {
  const room = Math.floor((reader.data.length - reader.offset) / leastBytes);
  if (count > BigInt(room)) reader.failure ??= `a list of ${count} does not fit the data: there is room for ${room}`;
  const values: ArgumentValue[] = [];
  for (let i = 0; i < count && reader.failure === null; i++) values.push(read(reader));
  return values;
}
