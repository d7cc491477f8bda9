// Owns base58 text of keys, hashes and signatures, and is the only place where text becomes an Address.
import type { Address } from './address.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const CODE_OF_DIGIT = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const CODE_OF_ZERO = 49;
const DIGIT_OF_CODE = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 58; digit++) DIGIT_OF_CODE[CODE_OF_DIGIT[digit] ?? 0] = digit;

/** 58^5: the largest power whose product with a 16-bit number stays an exact double, five digits a limb. */
const LIMB = 656_356_768;
const POWERS = [1, 58, 3_364, 195_112, 11_316_496, LIMB];
const ADDRESS_BYTES = 32;
/** Longer than any key, hash or signature; keeps the quadratic conversion short for hostile text. */
const MAX_TEXT = 128;

/** Base58 (Bitcoin alphabet) of any bytes. */
export function encodeBase58(bytes: Uint8Array): string {
  return encodeRange(bytes, 0, bytes.length);
}

/** The bytes of base58 text of at most 128 characters; `null` for anything else. */
export function decodeBase58(text: string): Uint8Array | null {
  if (text.length > MAX_TEXT) return null;
  let zeros = 0;
  while (zeros < text.length && text.charCodeAt(zeros) === CODE_OF_ZERO) zeros++;
  const limbs: number[] = [];
  for (let at = zeros; at < text.length; ) {
    const end = Math.min(text.length, at + ((text.length - at) % 5 || 5));
    let carry = 0;
    const factor = POWERS[end - at] ?? LIMB;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      const digit = code < 128 ? (DIGIT_OF_CODE[code] ?? -1) : -1;
      if (digit < 0) return null;
      carry = carry * 58 + digit;
    }
    for (let i = 0; i < limbs.length; i++) {
      const value = (limbs[i] ?? 0) * factor + carry;
      carry = Math.floor(value / 65_536);
      limbs[i] = value - carry * 65_536;
    }
    for (; carry > 0; carry = Math.floor(carry / 65_536)) limbs.push(carry % 65_536);
  }
  return bigEndian(limbs, zeros);
}

/** Throws when there are not exactly 32 bytes. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== ADDRESS_BYTES) throw new Error(`an address has 32 bytes, not ${bytes.length}`);
  return addressAt(bytes, 0);
}

/** The address whose 32 bytes begin at `offset`; the caller has checked that they are there. */
export function addressAt(bytes: Uint8Array, offset: number): Address {
  return encodeRange(bytes, offset, offset + ADDRESS_BYTES) as Address;
}

/** `null` unless the text is the one base58 form of exactly 32 bytes. */
export function parseAddress(text: string): Address | null {
  return decodeBase58(text)?.length === ADDRESS_BYTES ? (text as Address) : null;
}

/** For addresses that stand in source code; throws when the text is none. */
export function knownAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

// Reused between calls: the conversion is synchronous and this is the hottest allocation of the parser.
let limbScratch = new Float64Array(32);
let textScratch = new Uint8Array(160);

function encodeRange(bytes: Uint8Array, start: number, end: number): string {
  let first = start;
  while (first < end && bytes[first] === 0) first++;
  const maxLimbs = Math.ceil(((end - first) * 1.3658) / 5) + 1;
  const textLength = first - start + maxLimbs * 5;
  if (limbScratch.length < maxLimbs) limbScratch = new Float64Array(maxLimbs);
  if (textScratch.length < textLength) textScratch = new Uint8Array(textLength);
  const count = toLimbs(bytes, first, end, limbScratch);
  const begin = writeDigits(limbScratch, count, textScratch, textLength) - (first - start);
  textScratch.fill(CODE_OF_ZERO, begin, begin + first - start);
  return Reflect.apply(String.fromCharCode, null, textScratch.subarray(begin, textLength));
}

/** Little-endian limbs in base 58^5; returns how many. */
function toLimbs(bytes: Uint8Array, first: number, end: number, limbs: Float64Array): number {
  let count = 0;
  for (let at = first; at < end; ) {
    const odd = ((end - at) & 1) === 1;
    let carry = odd ? (bytes[at] ?? 0) : (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    at += odd ? 1 : 2;
    for (let i = 0; i < count; i++) {
      const value = (limbs[i] ?? 0) * 65_536 + carry;
      carry = Math.floor(value / LIMB);
      limbs[i] = value - carry * LIMB;
    }
    if (carry > 0) limbs[count++] = carry;
  }
  return count;
}

/** Writes the digits so that they end before `end`; returns where they begin. */
function writeDigits(limbs: Float64Array, count: number, text: Uint8Array, end: number): number {
  let at = end;
  for (let i = 0; i < count; i++) {
    let rest = (limbs[i] ?? 0) | 0;
    for (let digit = 0; digit < 5 && (rest > 0 || i < count - 1); digit++) {
      const quotient = (rest / 58) | 0;
      text[--at] = CODE_OF_DIGIT[rest - quotient * 58] ?? 0;
      rest = quotient;
    }
  }
  return at;
}

function bigEndian(limbs: readonly number[], zeros: number): Uint8Array {
  const top = limbs[limbs.length - 1] ?? 0;
  const length = limbs.length === 0 ? 0 : limbs.length * 2 - (top < 256 ? 1 : 0);
  const bytes = new Uint8Array(zeros + length);
  let at = bytes.length;
  for (let i = 0; i < limbs.length; i++) {
    const limb = limbs[i] ?? 0;
    if (at > zeros) bytes[--at] = limb % 256;
    if (at > zeros) bytes[--at] = Math.floor(limb / 256);
  }
  return bytes;
}
