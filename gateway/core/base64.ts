// Owns writing bytes as base64 (RFC 4648, padded).

/** For the few kilobytes of an instruction. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
