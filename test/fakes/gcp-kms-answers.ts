// Owns the form of what a Cloud KMS for tests answers.
import type { HttpReply } from './spoiled-http.ts';

/** By its definition, a bit at a time. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = ~0;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  }
  return ~remainder >>> 0;
}

export function answer(status: number, body: object, headers = {}): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function refusal(code: number, status: string, message: string, headers = {}): HttpReply {
  return answer(code, { error: { code, message, status } }, headers);
}
