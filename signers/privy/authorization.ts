// Owns the authorization signature on a request to Privy: who wants it, and that it is exactly this one (docs.privy.io, Authorization
// signatures).
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { type CanonicalJson, canonicalJson } from './canonical-json.ts';

export interface AuthorizationKey {
  /** SPKI in DER, as base64: what Privy knows the key by. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export interface SignedRequest {
  readonly method: 'POST';
  /** Without a slash at its end. */
  readonly url: string;
  readonly body: CanonicalJson;
  /** Those of Privy only, whose names begin with `privy-`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** PKCS8 in base64, as Privy's dashboard gives it out: with `wallet-auth:` in front of it or not. `null`: it is no such P-256 key. */
export function parseAuthorizationKey(text: string): AuthorizationKey | null {
  const base64 = /^(?:wallet-auth:|wallet-api:)?([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())?.[1];
  if (base64 === undefined) return null;
  const der = Buffer.from(base64, 'base64');
  try {
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return null;
    const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
    return { publicKey, privateKey };
  } catch {
    return null;
  } finally {
    der.fill(0);
  }
}

/** What the header `privy-authorization-signature` says. */
export function authorizationSignature({ privateKey }: AuthorizationKey, request: SignedRequest): string {
  const { method, url, body, headers } = request;
  const text = canonicalJson({ version: 1, method, url, body, headers });
  return sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'der' }).toString('base64');
}
