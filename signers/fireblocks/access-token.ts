// Owns the token on a request to Fireblocks: whose it is, and that it is for exactly this request
// (developers.fireblocks.com, Signing a request: JWT structure).
import { createHash, createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** What a token is for. */
export interface TokenSubject {
  readonly apiKey: string;
  /** Path and query, as they are asked for. */
  readonly uri: string;
  /** As it is sent; empty: none. */
  readonly body: string;
}

/** Fireblocks takes less than 30 s. */
const VALID_SECONDS = 25;
const MIN_MODULUS_BITS = 2048;

const HEADER = base64url({ alg: 'RS256', typ: 'JWT' });

/** PEM, PKCS8 or PKCS1. `null`: it is no RSA private key of 2048 bits or more, or it is encrypted. */
export function parseApiPrivateKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= MIN_MODULUS_BITS ? key : null;
  } catch {
    return null;
  }
}

const signOffThread = promisify<string, Buffer, KeyObject, Buffer>(sign);

/** A new one for each request, with a nonce of its own. RSA takes milliseconds: it is done beside the event loop. */
export async function accessToken(key: KeyObject, { apiKey, uri, body }: TokenSubject): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const claims = { uri, nonce: randomUUID(), iat, exp: iat + VALID_SECONDS, sub: apiKey, bodyHash };
  const signed = `${HEADER}.${base64url(claims)}`;
  const signature = await signOffThread('RSA-SHA256', Buffer.from(signed), key);
  return `${signed}.${signature.toString('base64url')}`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
