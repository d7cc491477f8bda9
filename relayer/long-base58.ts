// Owns reading long base58 text, such as the data of an instruction: without the quadratic cost of going digit by digit.
import { ALPHABET } from './base58.ts';

/** Digits that are exact in a number: 58^8 is below 2^47. */
const CHUNK_DIGITS = 8;
const CHUNK = 58n ** BigInt(CHUNK_DIGITS);

const DIGIT_OF = new Map([...ALPHABET].map((character, digit) => [character, digit]));

/** The bytes of base58 text, or undefined when a character is none of the alphabet. */
export function decodeLongBase58(text: string): Uint8Array | undefined {
  let zeros = 0;
  while (zeros < text.length && text[zeros] === '1') zeros++;
  const chunks = chunkValues(text.slice(zeros));
  if (chunks === undefined) return undefined;
  const hex = combined(chunks).toString(16);
  const digits = chunks.length === 0 ? '' : hex.padStart(hex.length + (hex.length % 2), '0');
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...Buffer.from(digits, 'hex')]);
}

/** Values of eight digits each, the least first. */
function chunkValues(digits: string): readonly bigint[] | undefined {
  const chunks: bigint[] = [];
  for (let end = digits.length; end > 0; end -= CHUNK_DIGITS) {
    let value = 0;
    for (const character of digits.slice(Math.max(0, end - CHUNK_DIGITS), end)) {
      const digit = DIGIT_OF.get(character);
      if (digit === undefined) return undefined;
      value = value * 58 + digit;
    }
    chunks.push(BigInt(value));
  }
  return chunks;
}

/** Neighbours are joined until one is left: few large multiplications instead of many small ones. */
function combined(chunks: readonly bigint[]): bigint {
  let values = chunks;
  for (let base = CHUNK; values.length > 1; base *= base) {
    values = Array.from(
      { length: Math.ceil(values.length / 2) },
      (_, pair) => (values[2 * pair] ?? 0n) + (values[2 * pair + 1] ?? 0n) * base,
    );
  }
  return values[0] ?? 0n;
}
