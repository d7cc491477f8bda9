// Owns the check of a bundle's signature in OPA's format, `.signatures.json`: one JWT over the hashes of every file of the bundle.
import { type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import type { BundleFiles } from './bundle.ts';
import { type BundleKey, publicKeyOf, type SignatureAlgorithm } from './bundle-key.ts';
import { SIGNATURES_FILE } from './bundle-parts.ts';
import { canonicalDocument } from './canonical-document.ts';
import { fileHash, isHashAlgorithm } from './file-hash.ts';
import { malformed } from './malformed.ts';

const LARGEST = 1024 * 1024;

/** `_default` is what opa calls its own way to verify, which this is. */
const SIGNATURES = z.strictObject({
  signatures: z.tuple([z.string()], 'must hold exactly one token'),
  plugin: z.enum(['', '_default'], 'other ways to verify are not known').optional(),
});

/** A `crit` header names extensions that must be understood, and none is. */
const HEADER = z.object({
  alg: z.string(),
  kid: z.string().optional(),
  crit: z.undefined('extensions are not understood').optional(),
});

const TIMED = 'is not heeded; sign without it, and withdraw a key by taking it out of the configuration';

const PAYLOAD = z.object({
  files: z.array(z.object({ name: z.string(), hash: z.string(), algorithm: z.string() })),
  keyid: z.string().optional(),
  scope: z.string().optional(),
  exp: z.undefined(TIMED).optional(),
  nbf: z.undefined(TIMED).optional(),
});

type Payload = z.infer<typeof PAYLOAD>;

/**
 * Every file must be signed, and every signed file be there. The key, and by it the algorithm, comes from `keys`: the token only
 * names one of them (`kid`, or `keyid` among its claims; none where there is only one key). Throws an Error that says what is wrong.
 */
export function verifySignatures(
  files: BundleFiles,
  keys: readonly BundleKey[],
  label: string,
): { readonly keyId: string } {
  try {
    const token = readToken(files.get(SIGNATURES_FILE));
    const key = chooseKey(keys, token);
    if (token.algorithm !== key.algorithm) {
      throw new Error(`its token says ${JSON.stringify(token.algorithm)}; the key ${key.id} is for ${key.algorithm}`);
    }
    if (!isSignedBy(publicKeyOf(key), key.algorithm, token)) throw new Error(`it is not by the key ${key.id}`);
    requireScope(token.payload.scope, key);
    requireFiles(files, token.payload.files);
    return { keyId: key.id };
  } catch (error) {
    throw malformed(label, SIGNATURES_FILE, error instanceof Error ? error.message : String(error));
  }
}

interface Token {
  readonly algorithm: string;
  readonly keyId: string | null;
  readonly payload: Payload;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

function readToken(bytes: Uint8Array | undefined): Token {
  if (bytes === undefined) throw new Error('there is no such file; sign the bundle with `countersign policy sign`');
  if (bytes.length > LARGEST) throw new Error(`it has ${bytes.length} bytes; at most ${LARGEST} are read`);
  const [token] = parse(SIGNATURES, bytes, 'the file').signatures;
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (header === undefined || payload === undefined || signature === undefined || parts.length !== 3) {
    throw new Error('its token is no JWT of three parts');
  }
  const { alg, kid } = parse(HEADER, base64Url(header), 'the header of its token');
  const claims = parse(PAYLOAD, base64Url(payload), 'the payload of its token');
  return {
    algorithm: alg,
    keyId: keyIdOf(kid, claims.keyid),
    payload: claims,
    signed: Buffer.from(`${header}.${payload}`, 'latin1'),
    signature: base64Url(signature),
  };
}

/** opa writes an empty `kid` where it was given none. */
function keyIdOf(kid: string | undefined, keyid: string | undefined): string | null {
  const [header, claim] = [kid || null, keyid || null];
  if (header !== null && claim !== null && header !== claim) {
    throw new Error(`its token names two keys, ${JSON.stringify(header)} and ${JSON.stringify(claim)}`);
  }
  return header ?? claim;
}

function chooseKey(keys: readonly BundleKey[], { keyId }: Token): BundleKey {
  const known = keys.map(({ id }) => id).join(', ') || 'none';
  const [only, ...others] = keys.filter(({ id }) => keyId === null || id === keyId);
  if (only === undefined) throw new Error(`it is by the key ${JSON.stringify(keyId)}; keys that count here: ${known}`);
  if (others.length > 0) throw new Error(`its token must name one of the keys that count here: ${known}`);
  return only;
}

function isSignedBy(key: KeyObject, algorithm: SignatureAlgorithm, { signed, signature }: Token): boolean {
  switch (algorithm) {
    case 'ES256':
      return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    case 'EdDSA':
      return verify(null, signed, key, signature);
    case 'RS256':
      return verify('sha256', signed, key, signature);
  }
}

function requireScope(scope: string | undefined, key: BundleKey): void {
  if ((scope ?? '') === (key.scope ?? '')) return;
  throw new Error(
    `its scope is ${JSON.stringify(scope ?? '')}; the key ${key.id} is for ${JSON.stringify(key.scope ?? '')}`,
  );
}

function requireFiles(files: BundleFiles, signed: Payload['files']): void {
  const names = new Set(signed.map(({ name }) => name));
  if (names.size < signed.length) throw new Error('it lists a file twice');
  for (const path of files.keys()) {
    if (path !== SIGNATURES_FILE && !names.has(path)) throw new Error(`${path} is in the bundle and not signed`);
  }
  for (const { name, hash, algorithm } of signed) {
    const bytes = files.get(name);
    if (bytes === undefined || name === SIGNATURES_FILE) {
      throw new Error(`${JSON.stringify(name)} is signed and no part of the bundle`);
    }
    if (!isHashAlgorithm(algorithm)) throw new Error(`${name}: the hash ${JSON.stringify(algorithm)} is not accepted`);
    if (fileHash(name, bytes, algorithm) !== hash) throw new Error(`${name} is not as it was signed`);
  }
}

/** A key that stands twice would say one thing to us and another to another reader. */
function parse<T>(shape: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let document: unknown;
  try {
    document = JSON.parse(canonicalDocument(bytes));
  } catch (error) {
    throw new Error(`${what} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = shape.safeParse(document);
  if (!parsed.success) throw new Error(`${what} is malformed: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function base64Url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (text === '' || bytes.toString('base64url') !== text) throw new Error('a part of its token is not base64url');
  return bytes;
}
