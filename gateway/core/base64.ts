// Owns writing bytes as base64 (RFC 4648, padded).
import { getBase64Decoder } from '@solana/kit';

const BASE64 = getBase64Decoder();

export function encodeBase64(bytes: Uint8Array): string {
  return BASE64.decode(bytes);
}
