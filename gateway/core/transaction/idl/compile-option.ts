// Owns reading the kinds of options: with a tag, by a value that means none, or by the end of the data.
import { advance, fail, type ReadValue, readPrefix } from './argument-reader.ts';
import { standsAt } from './compile-range.ts';
import type { CompileType } from './compile-type.ts';
import { fixedSize } from './fixed-size.ts';
import type { ArgumentType } from './program-description.ts';

type Of<Kind extends ArgumentType['kind']> = Extract<ArgumentType, { kind: Kind }>;
type Types = ReadonlyMap<string, ArgumentType>;

export function compileOption({ prefix, item, fixed }: Of<'option'>, types: Types, compile: CompileType): ReadValue {
  const read = compile(item);
  const size = fixed ? requiredSize(item, types) : 0;
  return (reader) => {
    const tag = readPrefix(reader, prefix);
    if (tag === 1) return read(reader);
    if (tag === 0) advance(reader, size);
    else fail(reader, `an option starts with 0 or 1, not ${tag}`);
    return null;
  };
}

export function compileZeroableOption(
  { item, none }: Of<'zeroable_option'>,
  types: Types,
  compile: CompileType,
): ReadValue {
  const read = compile(item);
  const size = requiredSize(item, types);
  const noValue = none ?? new Uint8Array(size);
  return (reader) => {
    if (reader.offset + size <= reader.end && standsAt(reader.data, reader.offset, noValue)) {
      advance(reader, size);
      return null;
    }
    return read(reader);
  };
}

export function compileRemainderOption({ item }: Of<'remainder_option'>, compile: CompileType): ReadValue {
  const read = compile(item);
  return (reader) => (reader.offset === reader.end ? null : read(reader));
}

function requiredSize(type: ArgumentType, types: Types): number {
  const size = fixedSize(type, types);
  if (size === null) throw new Error('an option of fixed size holds a value of none: the description was not checked');
  return size;
}
