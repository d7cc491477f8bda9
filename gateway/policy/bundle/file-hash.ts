// Owns what a bundle's signature hashes of each file (opa, v1/bundle/hash.go and verify.go).
import { hash } from 'node:crypto';
import { canonicalDocument } from './canonical-document.ts';

/** OPA knows others; MD5 and SHA-1 prove nothing any more. */
const ALGORITHMS: Readonly<Record<string, string>> = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

export const HASH_ALGORITHM = 'SHA-256';

export function isHashAlgorithm(name: string): boolean {
  return Object.hasOwn(ALGORITHMS, name);
}

/** Hex. Data and manifest by what they say, every other file by its bytes. Throws an Error where the document is no JSON. */
export function fileHash(path: string, bytes: Uint8Array, algorithm: string): string {
  const name = ALGORITHMS[algorithm];
  if (name === undefined) throw new Error(`the hash ${algorithm} is not accepted`);
  return hash(name, isDocument(path) ? canonicalDocument(bytes) : bytes, 'hex');
}

function isDocument(path: string): boolean {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return base === 'data.json' || base === '.manifest';
}
