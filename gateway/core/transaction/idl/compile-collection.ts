// Owns reading values that hold values: structs, tuples, lists and maps.
import type { ArgumentValue } from '../decoded-transaction.ts';
import { type ArgumentReader, type ReadValue, spend } from './argument-reader.ts';
import { lengthReader } from './compile-range.ts';
import type { CompileType } from './compile-type.ts';
import type { ArgumentType, Count, FieldType } from './program-description.ts';

type Of<Kind extends ArgumentType['kind']> = Extract<ArgumentType, { kind: Kind }>;

/** Reads with the place known, so that a text in it can be filed by where it stands. */
export function inPlace(name: string | number, read: ReadValue): ReadValue {
  return (reader) => {
    reader.path.push(name);
    const value = read(reader);
    reader.path.pop();
    return value;
  };
}

/** A field that is a text is left out. */
export function compileStruct(fields: readonly FieldType[], compile: CompileType): ReadValue {
  const readers = fields.map(({ name, type }) => ({ name, read: inPlace(name, compile(type)) }));
  return (reader) => {
    const value: Record<string, ArgumentValue> = {};
    if (!spend(reader, 1)) return null;
    for (const { name, read } of readers) {
      const field = read(reader);
      if (field !== undefined) value[name] = field;
      if (reader.failure !== null) break;
    }
    return value;
  };
}

/** Where a text stands is null, so that the others keep their positions. */
export function compileTuple(items: readonly ArgumentType[], compile: CompileType): ReadValue {
  const readers = items.map((type, i) => inPlace(i, compile(type)));
  return (reader) => {
    const values: ArgumentValue[] = [];
    if (!spend(reader, 1)) return null;
    for (const read of readers) {
      values.push(read(reader) ?? null);
      if (reader.failure !== null) break;
    }
    return values;
  };
}

export function compileList({ item, count }: Of<'list'>, compile: CompileType): ReadValue {
  return compileElements(compile(item), count);
}

/** As a list of entries: keys are data of others, and never names. */
export function compileMap({ key, value, count }: Of<'map'>, compile: CompileType): ReadValue {
  const fields = [
    { name: 'key', type: key },
    { name: 'value', type: value },
  ];
  return compileElements(compileStruct(fields, compile), count);
}

function compileElements(readElement: ReadValue, count: Count): ReadValue {
  if (count.kind === 'remainder') return (reader) => readAll(reader, readElement, null);
  const readCount = lengthReader(count);
  return (reader) => readAll(reader, readElement, readCount(reader));
}

/** `null`: as many as there are to the end. */
function readAll(reader: ArgumentReader, read: ReadValue, count: number | null): ArgumentValue {
  const values: ArgumentValue[] = [];
  // Counted before they are read: a count of four billion is refused at once.
  if (count !== null && !spend(reader, count)) return values;
  for (let i = 0; reader.failure === null && (count === null ? reader.offset < reader.end : i < count); i++) {
    if (count === null && !spend(reader, 1)) break;
    reader.path.push(i);
    values.push(read(reader) ?? null);
    reader.path.pop();
  }
  return values;
}
