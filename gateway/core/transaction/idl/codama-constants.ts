// Owns the constants of Codama IDLs as the bytes that they are in instruction data.
import { decodeBase58 } from '../../base58.ts';
import { kindAt, requireKind } from './codama-node.ts';
import { integerBytes } from './integer-bytes.ts';
import { snakeCase } from './names.ts';
import { elements, flagAt, member, type Place, refuse, shown, textAt, wholeAt } from './place.ts';
import type { ArgumentType, Count, IntegerType } from './program-description.ts';

const LONGEST = 1_024;

/** `null`, and refused, where the value is none of the type, or the type is none that constants are read of. */
export function encodeConstant(type: ArgumentType, place: Place): Uint8Array | null {
  switch (type.kind) {
    case 'integer':
      return encodeInteger(type, place);
    case 'boolean': {
      if (!requireKind(place, 'booleanValueNode') || type.size.kind !== 'integer') return null;
      return integerBytes(flagAt(member(place, 'boolean')) ? 1n : 0n, type.size);
    }
    case 'address': {
      if (!requireKind(place, 'publicKeyValueNode')) return null;
      return within(place, { kind: 'fixed', value: 32 }, decodeBase58(textAt(member(place, 'publicKey')) ?? ''));
    }
    case 'bytes':
      return within(place, type.count, bytesOf(place));
    case 'text': {
      if (!requireKind(place, 'stringValueNode')) return null;
      return within(place, type.count, new TextEncoder().encode(textAt(member(place, 'string')) ?? ''));
    }
    case 'enum': {
      const variant = requireKind(place, 'enumValueNode') ? textAt(member(place, 'variant')) : null;
      const found = type.variants.find(({ name }) => variant !== null && name === snakeCase(variant));
      if (found !== undefined && found.content === null && type.tag.kind === 'integer') {
        return integerBytes(BigInt(found.tag), type.tag);
      }
      refuse(place, `${shown(variant)} is no variant without values`);
      return null;
    }
    default:
      refuse(place, `constants of the type ${type.kind} cannot be read`);
      return null;
  }
}

function encodeInteger(type: IntegerType, place: Place): Uint8Array | null {
  if (!requireKind(place, 'numberValueNode')) return null;
  const at = member(place, 'number');
  const { value } = at;
  const bits = BigInt(8 * type.bytes);
  const [lowest, above] = type.signed ? [-(1n << (bits - 1n)), 1n << (bits - 1n)] : [0n, 1n << bits];
  if (typeof value === 'number' && Number.isSafeInteger(value) && BigInt(value) >= lowest && BigInt(value) < above) {
    return integerBytes(BigInt(value), type);
  }
  refuse(at, `must be a whole number of ${type.bytes} bytes that JSON writes exactly, not ${shown(value)}`);
  return null;
}

/** Text in one of the encodings, or a list of numbers. */
function bytesOf(place: Place): Uint8Array | null {
  if (kindAt(place) === 'arrayValueNode') {
    return Uint8Array.from(elements(member(place, 'items'), LONGEST), (item) => wholeAt(member(item, 'number'), 255));
  }
  if (!requireKind(place, 'bytesValueNode')) return null;
  const text = textAt(member(place, 'data')) ?? '';
  switch (member(place, 'encoding').value) {
    case 'base16':
      return /^([0-9a-fA-F]{2})*$/.test(text)
        ? Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
        : null;
    case 'base58':
      return decodeBase58(text);
    case 'base64':
      return decodeBase64(text);
    case 'utf8':
      return new TextEncoder().encode(text);
    default:
      return null;
  }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeBase64(text: string): Uint8Array | null {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const digits = text.replaceAll('=', '');
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    held = ((held << 6) | BASE64.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
}

/** Bytes in a place of fixed size must fill it; a length is written before those that have one. */
function within(place: Place, count: Count, bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null || bytes.length > LONGEST) {
    refuse(place, `must be a constant of at most ${LONGEST} bytes in the encoding that it names`);
    return null;
  }
  if (count.kind === 'fixed' && count.value !== bytes.length) {
    refuse(place, `has ${bytes.length} bytes, but stands in ${count.value}`);
    return null;
  }
  if (count.kind !== 'prefixed') return bytes;
  if (count.prefix.kind !== 'integer') {
    refuse(place, 'constants behind a compact length cannot be read');
    return null;
  }
  const length = integerBytes(BigInt(bytes.length), count.prefix);
  const whole = new Uint8Array(length.length + bytes.length);
  whole.set(length);
  whole.set(bytes, length.length);
  return whole;
}
