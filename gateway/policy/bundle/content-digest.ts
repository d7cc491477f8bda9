// Owns what a bundle's content is: the module and the data that decide, the IDLs that name what is decided on, and nothing else.
import { hash } from 'node:crypto';
import type { IdlFile } from './idl-files.ts';

/** Hex of SHA-256 over the SHA-256 of the module, that of the data, and of each IDL, by program id, that of its id and that of its file. */
export function contentDigest(wasm: Uint8Array, data: Uint8Array, idls: readonly IdlFile[]): string {
  const sorted = idls.toSorted((a, b) => (a.program < b.program ? -1 : 1));
  const parts = [wasm, data, ...sorted.flatMap(({ program, bytes }) => [program, bytes])];
  return hash('sha256', Buffer.concat(parts.map((part) => hash('sha256', part, 'buffer'))), 'hex');
}
