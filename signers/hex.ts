// Owns reading hex that a remote service wrote.

/** Of twice as many bytes as the largest transaction has. */
const MAX_DIGITS = 2 * 8192;

/** `null`: it is empty, too long for anything that is signed, or no hex of whole bytes. */
export function bytesFromHex(text: string): Uint8Array | null {
  if (text.length > MAX_DIGITS || !/^([0-9a-f]{2})+$/i.test(text)) return null;
  return new Uint8Array(Buffer.from(text, 'hex'));
}
