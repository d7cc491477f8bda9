// Owns the type nodes of Codama IDLs (standard "codama", version 1; names of nodes as in @codama/node-types).
import { numberFormat } from './anchor-types.ts';
import { encodeConstant } from './codama-constants.ts';
import { readCodamaEnum } from './codama-enum.ts';
import { kindAt, requireKind } from './codama-node.ts';
import { fixedSize } from './fixed-size.ts';
import { nameAt, requireDifferentNames } from './names.ts';
import { elements, flagAt, isPresent, member, type Place, refuse, shown, textAt, wholeAt } from './place.ts';
import { type ArgumentType, type Count, listOf, type PrefixType, U32 } from './program-description.ts';
import { LIMITS, REFUSED, referTo, type TypeScope, withinDepth } from './type-scope.ts';

export interface CodamaDefinitions {
  readonly scope: TypeScope;
  /** Name of the program whose types a link without a program means. */
  readonly program: string;
  /** By `program.type`. */
  readonly byName: ReadonlyMap<string, Place>;
}

export function readCodamaType(definitions: CodamaDefinitions, place: Place, depth = 0): ArgumentType {
  if (!withinDepth(place, depth)) return REFUSED;
  const read = (inner: Place) => readCodamaType(definitions, inner, depth + 1);
  const kind = kindAt(place);
  switch (kind) {
    case 'numberTypeNode':
      return readNumber(place);
    case 'amountTypeNode':
    case 'solAmountTypeNode':
    case 'dateTimeTypeNode':
      return read(member(place, 'number'));
    case 'booleanTypeNode':
      return { kind: 'boolean', size: readPrefix(member(place, 'size')) };
    case 'publicKeyTypeNode':
      return { kind: 'address' };
    case 'bytesTypeNode':
      return { kind: 'bytes', count: { kind: 'remainder' } };
    case 'stringTypeNode':
      return readString(place);
    case 'definedTypeLinkNode':
      return readLink(definitions, place);
    case 'structTypeNode':
      return readStruct(place, read);
    case 'tupleTypeNode':
      return { kind: 'tuple', items: elements(member(place, 'items'), LIMITS.fields).map(read) };
    case 'enumTypeNode':
      return readCodamaEnum(place, readPrefix(member(place, 'size')), read);
    case 'arrayTypeNode':
    case 'setTypeNode':
      return listOf(read(member(place, 'item')), readCount(member(place, 'count')));
    case 'mapTypeNode': {
      const count = readCount(member(place, 'count'));
      return { kind: 'map', key: read(member(place, 'key')), value: read(member(place, 'value')), count };
    }
    case 'optionTypeNode':
    case 'zeroableOptionTypeNode':
    case 'remainderOptionTypeNode':
      return readOption(definitions, place, kind, read);
    case 'fixedSizeTypeNode':
      return sized(read(member(place, 'type')), { kind: 'fixed', value: wholeAt(member(place, 'size'), LIMITS.count) });
    case 'sizePrefixTypeNode':
      return sized(read(member(place, 'type')), { kind: 'prefixed', prefix: readPrefix(member(place, 'prefix')) });
    case 'sentinelTypeNode':
      return {
        kind: 'terminated',
        type: read(member(place, 'type')),
        end: readSentinel(member(place, 'sentinel'), read),
      };
    case 'hiddenPrefixTypeNode':
      return framed(read(member(place, 'type')), readConstants(member(place, 'prefix'), read), new Uint8Array());
    case 'hiddenSuffixTypeNode':
      return framed(read(member(place, 'type')), new Uint8Array(), readConstants(member(place, 'suffix'), read));
    default:
      refuse(place, `the type node ${shown(member(place, 'kind').value)} cannot be read`);
      return REFUSED;
  }
}

function readNumber(place: Place): ArgumentType {
  const format = member(place, 'format');
  const endian = member(place, 'endian');
  if (isPresent(endian) && endian.value !== 'le' && endian.value !== 'be') {
    refuse(endian, `must be "le" or "be", not ${shown(endian.value)}`);
  }
  const bigEndian = endian.value === 'be';
  if (format.value === 'f32' && !bigEndian) return { kind: 'float', bytes: 4 };
  if (format.value === 'f64' && !bigEndian) return { kind: 'float', bytes: 8 };
  const number = typeof format.value === 'string' ? numberFormat(format.value, bigEndian) : null;
  if (number !== null && !(bigEndian && number.kind === 'short_u16')) return number;
  refuse(format, `the number format ${shown(format.value)} cannot be read${bigEndian ? ' in big endian' : ''}`);
  return REFUSED;
}

function readPrefix(place: Place): PrefixType {
  if (!requireKind(place, 'numberTypeNode')) return U32;
  const number = readNumber(place);
  if (number.kind === 'short_u16' || (number.kind === 'integer' && !number.signed)) return number;
  refuse(place, 'must be an unsigned integer');
  return U32;
}

/** Text in base58 and the like is bytes: it is no text in the data. */
function readString(place: Place): ArgumentType {
  const encoding = member(place, 'encoding');
  switch (encoding.value) {
    case 'utf8':
      return { kind: 'text', count: { kind: 'remainder' } };
    case 'base16':
    case 'base58':
    case 'base64':
      return { kind: 'bytes', count: { kind: 'remainder' } };
    default:
      refuse(encoding, `must be utf8, base16, base58 or base64, not ${shown(encoding.value)}`);
      return REFUSED;
  }
}

function sized(type: ArgumentType, count: Count): ArgumentType {
  const unbound = (type.kind === 'bytes' || type.kind === 'text') && type.count.kind === 'remainder';
  return unbound ? { kind: type.kind, count } : { kind: 'sized', type, count };
}

function framed(type: ArgumentType, before: Uint8Array, after: Uint8Array): ArgumentType {
  return { kind: 'framed', before, type, after };
}

function readCount(place: Place): Count {
  switch (kindAt(place)) {
    case 'fixedCountNode':
      return { kind: 'fixed', value: wholeAt(member(place, 'value'), LIMITS.count) };
    case 'prefixedCountNode':
      return { kind: 'prefixed', prefix: readPrefix(member(place, 'prefix')) };
    case 'remainderCountNode':
      return { kind: 'remainder' };
    default:
      refuse(place, `the count node ${shown(member(place, 'kind').value)} cannot be read`);
      return { kind: 'remainder' };
  }
}

function readStruct(place: Place, read: (inner: Place) => ArgumentType): ArgumentType {
  const fields = elements(member(place, 'fields'), LIMITS.fields)
    .filter((field) => requireKind(field, 'structFieldTypeNode'))
    .map((field) => ({ name: nameAt(member(field, 'name')), type: read(member(field, 'type')), place: field }));
  requireDifferentNames('field', fields);
  return { kind: 'struct', fields: fields.map(({ name, type }) => ({ name, type })) };
}

function readOption(
  { scope }: CodamaDefinitions,
  place: Place,
  kind: 'optionTypeNode' | 'zeroableOptionTypeNode' | 'remainderOptionTypeNode',
  read: (inner: Place) => ArgumentType,
): ArgumentType {
  const item = read(member(place, 'item'));
  if (kind === 'remainderOptionTypeNode') return { kind: 'remainder_option', item };
  if (kind === 'optionTypeNode') {
    const fixed = flagAt(member(place, 'fixed'));
    if (fixed) scope.checks.push(() => requireFixedSize(place, item, scope));
    return { kind: 'option', prefix: readPrefix(member(place, 'prefix')), item, fixed };
  }
  const zero = member(place, 'zeroValue');
  const none = isPresent(zero) ? readConstant(zero, read) : null;
  scope.checks.push(() => requireFixedSize(place, item, scope, none));
  return { kind: 'zeroable_option', item, none };
}

/** None of such an option takes as many bytes as a value, so that must be known. */
function requireFixedSize(place: Place, item: ArgumentType, scope: TypeScope, none: Uint8Array | null = null): void {
  const size = fixedSize(item, scope.types);
  if (size === null) refuse(place, 'the value of this option must have one size, and has not');
  else if (none !== null && none.length !== size) {
    refuse(place, `its zero value has ${none.length} bytes, but the value has ${size}`);
  }
}

function readConstants(place: Place, read: (inner: Place) => ArgumentType): Uint8Array {
  const constants = elements(place, LIMITS.fields).map((constant) => readConstant(constant, read));
  const joined = new Uint8Array(constants.reduce((length, bytes) => length + bytes.length, 0));
  let at = 0;
  for (const bytes of constants) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

function readSentinel(place: Place, read: (inner: Place) => ArgumentType): Uint8Array {
  const bytes = readConstant(place, read);
  if (bytes.length === 0) refuse(place, 'a sentinel must have bytes');
  return bytes;
}

/** The bytes of a constantValueNode: a type and a value of it. */
export function readConstant(place: Place, read: (inner: Place) => ArgumentType): Uint8Array {
  if (!requireKind(place, 'constantValueNode')) return new Uint8Array();
  return encodeConstant(read(member(place, 'type')), member(place, 'value')) ?? new Uint8Array();
}

function readLink(definitions: CodamaDefinitions, place: Place): ArgumentType {
  const name = textAt(member(place, 'name'));
  const link = member(place, 'program');
  const program = isPresent(link) ? textAt(member(link, 'name')) : definitions.program;
  if (name === null || program === null) return REFUSED;
  const key = `${program}.${name}`;
  const definition = definitions.byName.get(key);
  if (definition === undefined) {
    refuse(place, `the IDL defines no type ${shown(key)}`);
    return REFUSED;
  }
  return referTo(definitions.scope, key, place, () =>
    readCodamaType({ ...definitions, program }, member(definition, 'type')),
  );
}
