// Owns the type expressions of Anchor IDLs, old and new, with what Shank and Kinobi added to them.
import { assertNever } from '../../assert-never.ts';
import { type AnchorDefinitions, referToAnchorType } from './anchor-definitions.ts';
import { fixedSize } from './fixed-size.ts';
import { nameAt, requireDifferentNames } from './names.ts';
import {
  elements,
  flagAt,
  isEmptyList,
  isObject,
  isPresent,
  member,
  optionalElements,
  type Place,
  refuse,
  requireKeys,
  shown,
  textAt,
  wholeAt,
} from './place.ts';
import {
  type ArgumentType,
  type Count,
  type IntegerType,
  listOf,
  type PrefixType,
  U8,
  U32,
  type VariantType,
} from './program-description.ts';
import { LIMITS, REFUSED, withinDepth } from './type-scope.ts';

const INTEGERS: Readonly<Record<string, IntegerType['bytes']>> = { 8: 1, 16: 2, 32: 4, 64: 8, 128: 16, 256: 32 };

/** What the parameters of a generic type stand for where it is used. */
export type Generics = ReadonlyMap<string, ArgumentType | number>;

/** The key that says which form an expression has, and the keys that may stand beside it. */
const FORMS = {
  option: ['prefix', 'fixed'],
  coption: ['prefix', 'fixed'],
  vec: ['size'],
  array: [],
  defined: [],
  generic: [],
  tuple: [],
  hashMap: ['size'],
  bTreeMap: ['size'],
  hashSet: ['size'],
  bTreeSet: ['size'],
  kind: ['fields', 'variants', 'size', 'alias', 'value', 'docs'],
} as const;

type Form = keyof typeof FORMS;

export function readAnchorType(
  definitions: AnchorDefinitions,
  place: Place,
  generics: Generics,
  depth = 0,
): ArgumentType {
  if (!withinDepth(place, depth)) return REFUSED;
  if (typeof place.value === 'string') return leaf(place, place.value);
  const form = formOf(place);
  if (form === null) return REFUSED;
  requireKeys(place, [form, ...FORMS[form]]);
  const at = member(place, form);
  const read = (inner: Place) => readAnchorType(definitions, inner, generics, depth + 1);
  switch (form) {
    case 'option':
      return readOption(definitions, place, read(at), { prefix: U8, fixed: false });
    case 'coption':
      return readOption(definitions, place, read(at), { prefix: U32, fixed: true });
    case 'vec':
    case 'hashSet':
    case 'bTreeSet':
      return listOf(read(at), readCount(member(place, 'size')));
    case 'array':
      return readArray(at, read, generics);
    case 'defined':
      return referToAnchorType(definitions, at, read, generics);
    case 'generic':
      return readGeneric(at, generics);
    case 'tuple':
      return { kind: 'tuple', items: elements(at, LIMITS.fields).map(read) };
    case 'hashMap':
    case 'bTreeMap':
      return readMap(at, read, readCount(member(place, 'size')));
    case 'kind':
      return readKind(place, read);
    default:
      return assertNever(form);
  }
}

function formOf(place: Place): Form | null {
  const { value } = place;
  if (isObject(value)) {
    for (const form of Object.keys(FORMS)) if (isForm(form) && Object.hasOwn(value, form)) return form;
  }
  refuse(
    place,
    `is no type that can be read: ${isObject(value) ? Object.keys(value).map(shown).join(', ') : shown(value)}`,
  );
  return null;
}

function isForm(key: string): key is Form {
  return Object.hasOwn(FORMS, key);
}

function leaf(place: Place, text: string): ArgumentType {
  switch (text) {
    case 'bool':
      return { kind: 'boolean', size: U8 };
    case 'pubkey':
    case 'publicKey':
      return { kind: 'address' };
    case 'string':
      return { kind: 'text', count: { kind: 'prefixed', prefix: U32 } };
    case 'bytes':
      return { kind: 'bytes', count: { kind: 'prefixed', prefix: U32 } };
    case 'f32':
      return { kind: 'float', bytes: 4 };
    case 'f64':
      return { kind: 'float', bytes: 8 };
    default: {
      const number = numberFormat(text);
      if (number !== null) return number;
      refuse(place, `the type ${shown(text)} cannot be read`);
      return REFUSED;
    }
  }
}

/** `u8` to `i256` and `shortU16`; `null` for any other text. */
export function numberFormat(text: string, bigEndian = false): PrefixType | null {
  if (text === 'shortU16') return { kind: 'short_u16' };
  const [, sign, bits] = /^([ui])(8|16|32|64|128|256)$/.exec(text) ?? [];
  const bytes = bits === undefined ? undefined : INTEGERS[bits];
  return bytes === undefined ? null : { kind: 'integer', bytes, signed: sign === 'i', bigEndian };
}

function prefixAt(place: Place, byDefault: PrefixType): PrefixType {
  if (!isPresent(place)) return byDefault;
  const found = typeof place.value === 'string' ? numberFormat(place.value) : null;
  if (found !== null && !(found.kind === 'integer' && found.signed)) return found;
  refuse(place, `must be an unsigned number format such as "u32", not ${shown(place.value)}`);
  return byDefault;
}

/** Kinobi's addition: a number of elements, the format of the count, or all that remains. */
function readCount(place: Place): Count {
  if (place.value === 'remainder') return { kind: 'remainder' };
  if (typeof place.value === 'number') return { kind: 'fixed', value: wholeAt(place, LIMITS.count) };
  return { kind: 'prefixed', prefix: prefixAt(place, U32) };
}

function readOption(
  { scope }: AnchorDefinitions,
  place: Place,
  item: ArgumentType,
  byDefault: { readonly prefix: PrefixType; readonly fixed: boolean },
): ArgumentType {
  const prefix = prefixAt(member(place, 'prefix'), byDefault.prefix);
  const says = member(place, 'fixed');
  const fixed = isPresent(says) ? flagAt(says) : byDefault.fixed;
  if (fixed) scope.checks.push(() => requireFixedSize(place, item, scope.types));
  return { kind: 'option', prefix, item, fixed };
}

/** None of such an option takes as many bytes as a value, so that must be known. */
function requireFixedSize(place: Place, item: ArgumentType, types: ReadonlyMap<string, ArgumentType>): void {
  if (fixedSize(item, types) === null) refuse(place, 'the value of this option must have one size, and has not');
}

function readArray(place: Place, read: (inner: Place) => ArgumentType, generics: Generics): ArgumentType {
  const [item, length] = elements(place, 2);
  if (item === undefined || length === undefined) {
    refuse(place, 'must hold a type and a length');
    return REFUSED;
  }
  return listOf(read(item), { kind: 'fixed', value: readLength(length, generics) });
}

function readLength(place: Place, generics: Generics): number {
  if (!isObject(place.value)) return wholeAt(place, LIMITS.count);
  requireKeys(place, ['generic']);
  const name = textAt(member(place, 'generic'));
  const found = name === null ? undefined : generics.get(name);
  if (typeof found === 'number') return found;
  refuse(place, `${shown(name)} is no constant of this type`);
  return 0;
}

function readGeneric(place: Place, generics: Generics): ArgumentType {
  const name = textAt(place);
  const found = name === null ? undefined : generics.get(name);
  if (found !== undefined && typeof found !== 'number') return found;
  refuse(place, `${shown(name)} is no type parameter of this type`);
  return REFUSED;
}

function readMap(place: Place, read: (inner: Place) => ArgumentType, count: Count): ArgumentType {
  const [key, value] = elements(place, 2);
  if (key === undefined || value === undefined) {
    refuse(place, 'must hold the type of keys and that of values');
    return REFUSED;
  }
  return { kind: 'map', key: read(key), value: read(value), count };
}

function readKind(place: Place, read: (inner: Place) => ArgumentType): ArgumentType {
  const kind = textAt(member(place, 'kind'));
  switch (kind) {
    case 'struct':
      return readFields(member(place, 'fields'), read);
    case 'enum':
      return readEnum(place, read);
    case 'type':
      return read(member(place, 'alias'));
    case 'alias':
      return read(member(place, 'value'));
    default:
      refuse(place, `the kind ${shown(kind)} cannot be read; it must be struct, enum, type or alias`);
      return REFUSED;
  }
}

/** Fields have names, or they have none and are types. */
function readFields(place: Place, read: (inner: Place) => ArgumentType): ArgumentType {
  const fields = optionalElements(place, LIMITS.fields);
  const named = fields.filter(({ value }) => isObject(value) && Object.hasOwn(value, 'name'));
  if (named.length === 0 && fields.length > 0) return { kind: 'tuple', items: fields.map(read) };
  const read1 = fields.map((field) => ({
    name: nameAt(member(field, 'name')),
    type: read(member(field, 'type')),
    place: field,
  }));
  requireDifferentNames('field', read1);
  return { kind: 'struct', fields: read1.map(({ name, type }) => ({ name, type })) };
}

function readEnum(place: Place, read: (inner: Place) => ArgumentType): ArgumentType {
  const tag = prefixAt(member(place, 'size'), U8);
  const variants = elements(member(place, 'variants'), largestTag(tag) + 1).map((variant, i) => ({
    ...readVariant(variant, i, read),
    place: variant,
  }));
  requireDifferentNames('variant', variants);
  if (isEmptyList(member(place, 'variants'))) refuse(place, 'an enum must have variants');
  return {
    kind: 'enum',
    tag,
    variants: variants.map(({ name, tag: value, content }) => ({ name, tag: value, content })),
  };
}

export function largestTag(tag: PrefixType): number {
  return tag.kind === 'integer' && tag.bytes === 1 ? 255 : LIMITS.variants - 1;
}

function readVariant(place: Place, tag: number, read: (inner: Place) => ArgumentType): VariantType {
  const fields = member(place, 'fields');
  const hasFields = optionalElements(fields, LIMITS.fields).length > 0;
  return { name: nameAt(member(place, 'name')), tag, content: hasFields ? readFields(fields, read) : null };
}
