// Owns the check of who asks, as Privy describes it: the app by basic authentication and `privy-app-id` (docs.privy.io, API introduction), and
// for a wallet with an owner a P-256 signature over the canonical JSON of the request (Authorization signatures; RFC 8785).
import { createPublicKey, verify } from 'node:crypto';
import { type CanonicalValue, canonicalJsonBytes } from '../../../gateway/core/canonical-json.ts';
import type { HttpCall } from '../spoiled-http.ts';
import { PrivyFailure } from './privy-failure.ts';

/** Of an app secret (docs.privy.io, App secrets). */
export type AppAccess = 'full' | 'read-only';

export interface App {
  readonly id: string;
  /** By the secret. */
  readonly accesses: ReadonlyMap<string, AppAccess>;
}

/** How Privy refuses a secret with too little access is the fake's own choice. @throws PrivyFailure */
export function checkApp({ method, headers }: HttpCall, { id, accesses }: App): void {
  const [scheme, credentials = ''] = (headers.authorization ?? '').split(' ');
  const [given, secret = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  const access = accesses.get(secret);
  if (scheme !== 'Basic' || given !== id || access === undefined || headers['privy-app-id'] !== id) {
    throw new PrivyFailure(401, 'invalid_credentials', 'Invalid app ID or app secret');
  }
  if (access === 'read-only' && method !== 'GET') {
    throw new PrivyFailure(403, 'insufficient_access', 'This app secret has read-only access');
  }
}

/** The request must not be older than it says that it may be. @throws PrivyFailure */
export function checkExpiry({ headers }: HttpCall): void {
  const expiry = headers['privy-request-expiry'];
  if (expiry === undefined) return;
  if (!/^\d{13}$/.test(expiry) || Number(expiry) < Date.now()) {
    throw new PrivyFailure(400, 'request_expired', 'The request has expired');
  }
}

/** Whether enough of these keys (SPKI in DER, base64) signed exactly this request. @throws PrivyFailure */
export function checkAuthorization(call: HttpCall, body: unknown, publicKeys: readonly string[]): void {
  const header = call.headers['privy-authorization-signature'] ?? '';
  if (header === '') {
    throw new PrivyFailure(
      401,
      'missing_or_empty_authorization_header',
      'Missing privy-authorization-signature header',
    );
  }
  const payload = canonicalJsonBytes({
    version: 1n,
    method: call.method,
    url: `http://${call.headers.host}${call.path}`,
    body: canonicalValue(body),
    headers: Object.fromEntries(Object.entries(call.headers).filter(([name]) => SIGNED_HEADERS.has(name))),
  });
  const isValid = (signature: string): boolean =>
    publicKeys.some((key) =>
      verify(
        'sha256',
        payload,
        {
          key: createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }),
          dsaEncoding: 'der',
        },
        Buffer.from(signature, 'base64'),
      ),
    );
  if (!header.split(',').some(isValid)) {
    throw new PrivyFailure(
      401,
      'zero_correct_authorization_signatures',
      'No valid authorization signatures were provided',
    );
  }
}

const SIGNED_HEADERS: ReadonlySet<string> = new Set(['privy-app-id', 'privy-idempotency-key', 'privy-request-expiry']);

function canonicalValue(value: unknown): CanonicalValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(canonicalValue);
  return Object.fromEntries(Object.entries(Object(value)).map(([key, member]) => [key, canonicalValue(member)]));
}
