// Owns writing the fields of an instruction that a node named back as the bytes that they came from.
import { decodeBase58, parseAddress } from '../base58.ts';

/** What a node says of an instruction, by its own names. */
export type ParsedFields = Readonly<Record<string, unknown>>;

/** The bytes of one field; `null` where it is not there or not of its kind. */
export type WriteField = (fields: ParsedFields) => readonly number[] | null;

const UTF8 = new TextEncoder();
const U64_MAX = 0xffff_ffff_ffff_ffffn;

export function isFields(value: unknown): value is ParsedFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function u8(name: string): WriteField {
  return (fields) => littleEndian(integerOf(fields[name]), 1);
}

/** A number, or decimal text: nodes write amounts as either. */
export function u64(name: string): WriteField {
  return (fields) => littleEndian(integerOf(fields[name]), 8);
}

export function address(name: string): WriteField {
  return (fields) => addressBytes(fields[name]);
}

/** A byte that says whether there is one, then the address. Absent and null are none. */
export function optionalAddress(name: string): WriteField {
  return (fields) => {
    if ((fields[name] ?? null) === null) return [0];
    const bytes = addressBytes(fields[name]);
    return bytes === null ? null : [1, ...bytes];
  };
}

/** A u64 length and UTF-8. */
export function seed(name: string): WriteField {
  return (fields) => {
    const text = fields[name];
    if (typeof text !== 'string') return null;
    const bytes = UTF8.encode(text);
    const length = littleEndian(BigInt(bytes.length), 8);
    return length === null ? null : [...length, ...bytes];
  };
}

/** UTF-8 to the end. */
export function text(name: string): WriteField {
  return (fields) => {
    const value = fields[name];
    return typeof value === 'string' ? [...UTF8.encode(value)] : null;
  };
}

/** The position of a name in a list. */
export function oneOf(name: string, names: readonly string[]): WriteField {
  return (fields) => {
    const value = fields[name];
    const position = typeof value === 'string' ? names.indexOf(value) : -1;
    return position < 0 ? null : [position];
  };
}

/** A field of an object, as the amount of `tokenAmount`. */
export function inside(outer: string, write: WriteField): WriteField {
  return (fields) => {
    const object = fields[outer];
    return isFields(object) ? write(object) : null;
  };
}

function integerOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : null;
}

function littleEndian(value: bigint | null, bytes: number): readonly number[] | null {
  if (value === null || value < 0n || value > U64_MAX >> BigInt(64 - 8 * bytes)) return null;
  return Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function addressBytes(value: unknown): readonly number[] | null {
  const parsed = typeof value === 'string' ? parseAddress(value) : null;
  const bytes = parsed === null ? null : decodeBase58(parsed);
  return bytes === null ? null : [...bytes];
}
