// Owns the keys that bundles are signed with: what a configured key is, and that it is of the kind that its algorithm needs.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** JWA names (RFC 7518, RFC 8037), as OPA's configuration has them. */
export const SIGNATURE_ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

const LEAST_RSA_BITS = 2048;

/** A key that bundles are verified with. */
export interface BundleKey {
  readonly id: string;
  /** Of this key, whatever a token says. */
  readonly algorithm: SignatureAlgorithm;
  /** SPKI. */
  readonly publicKeyPem: string;
  /** What the token's `scope` must be; `null`: it must have none. */
  readonly scope: string | null;
}

/** A key that bundles are signed with. */
export interface BundleSigningKey {
  readonly id: string;
  readonly algorithm: SignatureAlgorithm;
  /** PKCS #8, not encrypted. */
  readonly privateKeyPem: string;
  readonly scope: string | null;
}

/** Throws an Error that says which key is wrong and what is wanted. */
export function publicKeyOf({ id, algorithm, publicKeyPem }: BundleKey): KeyObject {
  if (publicKeyPem.includes('PRIVATE KEY')) {
    throw new Error(`bundle key ${id}: it is a private key; to verify, give the public one only`);
  }
  return requireKind(id, algorithm, () => createPublicKey(publicKeyPem));
}

/** Throws an Error that says which key is wrong and what is wanted. */
export function privateKeyOf({ id, algorithm, privateKeyPem }: BundleSigningKey): KeyObject {
  return requireKind(id, algorithm, () => createPrivateKey(privateKeyPem));
}

function requireKind(id: string, algorithm: SignatureAlgorithm, read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    throw new Error(`bundle key ${id}: it cannot be read as PEM: ${error instanceof Error ? error.message : error}`);
  }
  const problem = kindProblem(key, algorithm);
  if (problem !== null) throw new Error(`bundle key ${id}: ${algorithm} needs ${problem}`);
  return key;
}

function kindProblem(key: KeyObject, algorithm: SignatureAlgorithm): string | null {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (algorithm) {
    case 'ES256':
      return key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1' ? null : 'a key of the curve P-256';
    case 'EdDSA':
      return key.asymmetricKeyType === 'ed25519' ? null : 'an Ed25519 key';
    case 'RS256':
      return key.asymmetricKeyType === 'rsa' && (modulusLength ?? 0) >= LEAST_RSA_BITS
        ? null
        : `an RSA key of at least ${LEAST_RSA_BITS} bits`;
  }
}
