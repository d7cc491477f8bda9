// Owns reading values that stand in a range of their own: behind a length, before an end mark, between constants.
import type { ArgumentValue } from '../decoded-transaction.ts';
import { type ArgumentReader, advance, fail, type ReadValue, readPrefix } from './argument-reader.ts';
import type { CompileType } from './compile-type.ts';
import type { ArgumentType, Count } from './program-description.ts';

type Of<Kind extends ArgumentType['kind']> = Extract<ArgumentType, { kind: Kind }>;

/** How many bytes a value takes. */
export function lengthReader(count: Count): (reader: ArgumentReader) => number {
  if (count.kind === 'fixed') return () => count.value;
  if (count.kind === 'remainder') return (reader) => reader.end - reader.offset;
  return (reader) => readPrefix(reader, count.prefix);
}

/** Of a fixed size, what is left over is padding; behind a length, nothing may be left over. */
export function compileSized({ type, count }: Of<'sized'>, compile: CompileType): ReadValue {
  const readLength = lengthReader(count);
  const read = compile(type);
  return (reader) => {
    const length = readLength(reader);
    const at = advance(reader, length);
    if (at < 0) return null;
    const value = readWithin(reader, at, at + length, read);
    if (count.kind === 'prefixed' && reader.failure === null && reader.offset !== at + length) {
      fail(reader, `a value behind a length of ${length} takes ${reader.offset - at} bytes`);
    }
    reader.offset = at + length;
    return value;
  };
}

export function compileTerminated({ type, end }: Of<'terminated'>, compile: CompileType): ReadValue {
  const read = compile(type);
  return (reader) => {
    const at = reader.offset;
    const stop = indexOf(reader, end);
    if (stop < 0) {
      fail(reader, 'the bytes that end a value are missing');
      return null;
    }
    const value = readWithin(reader, at, stop, read);
    if (reader.failure === null && reader.offset !== stop) fail(reader, 'a value ends before the bytes that end it');
    reader.offset = stop + end.length;
    return value;
  };
}

export function compileFramed({ before, type, after }: Of<'framed'>, compile: CompileType): ReadValue {
  const read = compile(type);
  return (reader) => {
    requireBytes(reader, before);
    const value = read(reader);
    requireBytes(reader, after);
    return value;
  };
}

function readWithin(reader: ArgumentReader, start: number, end: number, read: ReadValue): ArgumentValue | undefined {
  const outer = reader.end;
  reader.offset = start;
  reader.end = end;
  const value = read(reader);
  reader.end = outer;
  return value;
}

function requireBytes(reader: ArgumentReader, expected: Uint8Array): void {
  const at = advance(reader, expected.length);
  if (at < 0) return;
  if (!standsAt(reader.data, at, expected)) fail(reader, 'a constant of the format is another one');
}

function indexOf({ data, offset, end }: ArgumentReader, bytes: Uint8Array): number {
  for (let at = offset; at + bytes.length <= end; at++) if (standsAt(data, at, bytes)) return at;
  return -1;
}

export function standsAt(data: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (data[at + i] !== bytes[i]) return false;
  return true;
}
