// Owns writing an integer as an IDL says that it stands in instruction data: discriminators are compared as bytes.
import type { IntegerType } from './program-description.ts';

/** The lowest bytes of the value, in the order of the type. */
export function integerBytes(value: bigint, { bytes, bigEndian }: IntegerType): Uint8Array {
  const written = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) {
    const byte = Number((value >> BigInt(8 * i)) & 0xffn);
    written[bigEndian ? bytes - 1 - i : i] = byte;
  }
  return written;
}
