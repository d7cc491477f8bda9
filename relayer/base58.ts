// Owns base58 as Solana writes addresses, blockhashes and signatures (Bitcoin's alphabet, no checksum).

export const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const DIGIT_OF = new Map([...ALPHABET].map((character, digit) => [character, digit]));

/** Five digits make one limb: 58^5 times 256 is exact in a number, and there are five times fewer to go through. */
const LIMB_DIGITS = 5;
const LIMB = 58 ** LIMB_DIGITS;

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

/** The bytes of base58 text, or undefined when a character is none of the alphabet. */
export function decodeBase58(text: string): Uint8Array | undefined {
  const reversed: number[] = [];
  let zeros = 0;
  while (zeros < text.length && text[zeros] === '1') zeros++;
  for (const character of text.slice(zeros)) {
    let carry = DIGIT_OF.get(character);
    if (carry === undefined) return undefined;
    for (let at = 0; at < reversed.length; at++) {
      carry += (reversed[at] ?? 0) * 58;
      reversed[at] = carry & 0xff;
      carry >>= 8;
    }
    for (; carry > 0; carry >>= 8) reversed.push(carry & 0xff);
  }
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...reversed.reverse()]);
}

/** As {@link decodeBase58}, and undefined unless it is exactly `length` bytes. */
export function decodeBase58OfLength(text: string, length: number): Uint8Array | undefined {
  // 58^1.3658 > 256: no text longer than this decodes to so few bytes, and long hostile text costs quadratic time.
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
