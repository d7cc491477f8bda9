// Owns base58 as Solana writes addresses, blockhashes and signatures (Bitcoin's alphabet, no checksum).

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const DIGIT_OF = new Map([...ALPHABET].map((character, digit) => [character, digit]));

/** Five digits make one limb: 58^5 times 256 is exact in a number, and there are five times fewer to go through. */
const LIMB_DIGITS = 5;
const LIMB = 58 ** LIMB_DIGITS;

/** Digits that are exact in a number: 58^8 is below 2^47. */
const CHUNK_DIGITS = 8;
const CHUNK = 58n ** BigInt(CHUNK_DIGITS);

/** Base58 text of any bytes; cost grows with the square of the length. */
export function encodeBase58(bytes: Uint8Array): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  const limbs: number[] = [];
  for (let index = zeros; index < bytes.length; index++) {
    let carry = bytes[index] ?? 0;
    for (let at = 0; at < limbs.length; at++) {
      const value = (limbs[at] ?? 0) * 256 + carry;
      carry = Math.floor(value / LIMB);
      limbs[at] = value - carry * LIMB;
    }
    if (carry > 0) limbs.push(carry);
  }
  const digits = limbs.map(limbText).reverse().join('');
  return '1'.repeat(zeros) + digits.replace(/^1+/, '');
}

/** The bytes of base58 text, or undefined when a character is none of the alphabet. Cost grows little faster than the length. */
export function decodeBase58(text: string): Uint8Array | undefined {
  let zeros = 0;
  while (zeros < text.length && text[zeros] === '1') zeros++;
  const chunks = chunkValues(text.slice(zeros));
  if (chunks === undefined) return undefined;
  const hex = combined(chunks).toString(16);
  const digits = chunks.length === 0 ? '' : hex.padStart(hex.length + (hex.length % 2), '0');
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...Buffer.from(digits, 'hex')]);
}

/** As {@link decodeBase58}, and undefined unless it is exactly `length` bytes. */
export function decodeBase58OfLength(text: string, length: number): Uint8Array | undefined {
  // 58^1.3658 > 256: no text longer than this decodes to so few bytes.
  if (text.length > Math.ceil(length * 1.3658) + 1) return undefined;
  const bytes = decodeBase58(text);
  return bytes?.length === length ? bytes : undefined;
}

function limbText(limb: number): string {
  let text = '';
  let rest = limb;
  for (let digit = 0; digit < LIMB_DIGITS; digit++) {
    text = ALPHABET.charAt(rest % 58) + text;
    rest = Math.floor(rest / 58);
  }
  return text;
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
