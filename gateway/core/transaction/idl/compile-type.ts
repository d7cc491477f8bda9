// Owns the step from an argument type to a function that reads it. What is not met is not compiled.
import { assertNever } from '../../assert-never.ts';
import { addressAt } from '../../base58.ts';
import { encodeBase64 } from '../../base64.ts';
import type { ArgumentValue } from '../decoded-transaction.ts';
import { advance, DEEPEST_REFERENCE, fail, type ReadValue, readInteger, readPrefix, spend } from './argument-reader.ts';
import { compileList, compileMap, compileStruct, compileTuple, inPlace } from './compile-collection.ts';
import { compileOption, compileRemainderOption, compileZeroableOption } from './compile-option.ts';
import { compileFramed, compileSized, compileTerminated, lengthReader } from './compile-range.ts';
import type { ArgumentType, Count, PrefixType, VariantType } from './program-description.ts';

export type CompileType = (type: ArgumentType) => ReadValue;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One compiler a program: a type that many instructions refer to is compiled once. */
export function typeCompiler(types: ReadonlyMap<string, ArgumentType>): CompileType {
  const compiled = new Map<string, ReadValue>();
  const compile: CompileType = (type) => {
    switch (type.kind) {
      case 'integer':
        return (reader) => (spend(reader, 1) ? readInteger(reader, type) : 0n);
      case 'short_u16':
        return (reader) => BigInt(readPrefix(reader, type));
      case 'float':
        return compileFloat(type.bytes);
      case 'boolean':
        return compileBoolean(type.size);
      case 'address':
        return (reader) => {
          const at = advance(reader, 32);
          return at < 0 ? null : addressAt(reader.data, at);
        };
      case 'bytes':
        return compileBytes(type.count);
      case 'text':
        return compileText(type.count);
      case 'option':
        return compileOption(type, types, compile);
      case 'zeroable_option':
        return compileZeroableOption(type, types, compile);
      case 'remainder_option':
        return compileRemainderOption(type, compile);
      case 'struct':
        return compileStruct(type.fields, compile);
      case 'tuple':
        return compileTuple(type.items, compile);
      case 'list':
        return compileList(type, compile);
      case 'map':
        return compileMap(type, compile);
      case 'enum':
        return compileEnum(type, compile);
      case 'sized':
        return compileSized(type, compile);
      case 'terminated':
        return compileTerminated(type, compile);
      case 'framed':
        return compileFramed(type, compile);
      case 'reference':
        return compileReference(type.name);
      default:
        return assertNever(type);
    }
  };
  function compileReference(name: string): ReadValue {
    return (reader) => {
      if (reader.depth >= DEEPEST_REFERENCE) {
        fail(reader, `types within types are read to a depth of ${DEEPEST_REFERENCE}`);
        return null;
      }
      let read = compiled.get(name);
      if (read === undefined) {
        const type = types.get(name);
        if (type === undefined) throw new Error(`the description refers to ${name}, which it does not hold`);
        read = compile(type);
        compiled.set(name, read);
      }
      reader.depth++;
      const value = read(reader);
      reader.depth--;
      return value;
    };
  }
  return compile;
}

/** As decimal text, the shortest that names the same double. Borsh refuses what is no number. */
function compileFloat(bytes: 4 | 8): ReadValue {
  return (reader) => {
    const at = advance(reader, bytes);
    if (at < 0) return null;
    const value = bytes === 4 ? reader.view.getFloat32(at, true) : reader.view.getFloat64(at, true);
    if (!Number.isFinite(value)) fail(reader, `a floating point number is ${value}`);
    return String(value);
  };
}

function compileBoolean(size: PrefixType): ReadValue {
  return (reader) => {
    const value = readPrefix(reader, size);
    if (value > 1) fail(reader, `a boolean is 0 or 1, not ${value}`);
    return value === 1;
  };
}

function compileBytes(count: Count): ReadValue {
  const readLength = lengthReader(count);
  return (reader) => {
    const length = readLength(reader);
    const at = advance(reader, length);
    return at < 0 ? null : encodeBase64(reader.data.subarray(at, at + length));
  };
}

function compileText(count: Count): ReadValue {
  const readLength = lengthReader(count);
  return (reader) => {
    const length = readLength(reader);
    const at = advance(reader, length);
    if (at < 0) return undefined;
    try {
      reader.texts[reader.path.join('.')] = UTF8.decode(reader.data.subarray(at, at + length));
    } catch {
      fail(reader, 'a text is not valid UTF-8');
    }
    return undefined;
  };
}

type EnumType = Extract<ArgumentType, { kind: 'enum' }>;

function compileEnum({ tag, variants }: EnumType, compile: CompileType): ReadValue {
  const byTag = new Map<number, VariantType>(variants.map((variant) => [variant.tag, variant]));
  const contents = new Map<number, ReadValue>();
  return (reader) => {
    const index = readPrefix(reader, tag);
    const variant = byTag.get(index);
    if (variant === undefined) {
      fail(reader, `${index} is none of the ${variants.length} variants of an enum`);
      return null;
    }
    if (variant.content === null) return spend(reader, 1) ? variant.name : null;
    let read = contents.get(index);
    if (read === undefined) {
      read = inPlace(variant.name, compile(variant.content));
      contents.set(index, read);
    }
    const value: ArgumentValue = read(reader) ?? null;
    return { [variant.name]: value };
  };
}
