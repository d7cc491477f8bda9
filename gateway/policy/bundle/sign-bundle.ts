// Owns the signing of a bundle in OPA's format: one JWT over the hashes of every file, in `.signatures.json`.
import { type KeyObject, sign } from 'node:crypto';
import type { BundleFiles } from './bundle.ts';
import { type BundleSigningKey, privateKeyOf, type SignatureAlgorithm } from './bundle-key.ts';
import { pathProblem, SIGNATURES_FILE } from './bundle-parts.ts';
import { fileHash, HASH_ALGORITHM } from './file-hash.ts';

/** The same files with a signature in place of the one that there may be. Throws an Error that says which file or key is wrong. */
export function signBundle(files: BundleFiles, key: BundleSigningKey): BundleFiles {
  const privateKey = privateKeyOf(key);
  const signed = [...files].filter(([path]) => path !== SIGNATURES_FILE).sort(([a], [b]) => (a < b ? -1 : 1));
  const header = { alg: key.algorithm, kid: key.id, typ: 'JWT' };
  const payload = {
    files: signed.map(([path, bytes]) => ({ name: path, hash: hashOf(path, bytes), algorithm: HASH_ALGORITHM })),
    ...(key.scope === null ? {} : { scope: key.scope }),
  };
  const content = `${base64UrlJson(header)}.${base64UrlJson(payload)}`;
  const token = `${content}.${signatureOf(privateKey, key.algorithm, Buffer.from(content)).toString('base64url')}`;
  const text = `${JSON.stringify({ signatures: [token] }, null, 1)}\n`;
  return new Map([...signed, [SIGNATURES_FILE, new TextEncoder().encode(text)]]);
}

function hashOf(path: string, bytes: Uint8Array): string {
  const problem = pathProblem(path);
  if (problem !== null) throw new Error(`the bundle cannot be signed: ${path}: ${problem}`);
  try {
    return fileHash(path, bytes, HASH_ALGORITHM);
  } catch (error) {
    throw new Error(`the bundle cannot be signed: ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function signatureOf(key: KeyObject, algorithm: SignatureAlgorithm, content: Uint8Array): Buffer {
  switch (algorithm) {
    case 'ES256':
      return sign('sha256', content, { key, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA':
      return sign(null, content, key);
    case 'RS256':
      return sign('sha256', content, key);
  }
}

function base64UrlJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
