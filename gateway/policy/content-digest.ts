// Owns what a bundle's content is: the module and the data that decide, and nothing else.
import { hash } from 'node:crypto';

/** Hex of SHA-256 over the SHA-256 of the module and that of the data. */
export function contentDigest(wasm: Uint8Array, data: Uint8Array): string {
  return hash('sha256', Buffer.concat([hash('sha256', wasm, 'buffer'), hash('sha256', data, 'buffer')]), 'hex');
}
