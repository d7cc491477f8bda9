// Owns the check of the token on a request, as Fireblocks describes it (developers.fireblocks.com, "Signing a request: JWT structure": RS256,
// `uri`, `nonce` that differs in each request, `iat`, `exp` less than 30 s later, `sub`, `bodyHash`; fireblocks/ts-sdk,
// network/bearerTokenProvider.ts: path with query, SHA-256 in hex, the hash of nothing where there is no body).
import { createHash, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import type { HttpCall } from '../spoiled-http.ts';
import { FireblocksFailure, notAccepted } from './faults.ts';

const headerSchema = z.strictObject({ alg: z.literal('RS256'), typ: z.literal('JWT') });
const claimsSchema = z.strictObject({
  uri: z.string(),
  nonce: z.union([z.string().min(1), z.number()]),
  iat: z.int(),
  exp: z.int(),
  sub: z.string(),
  bodyHash: z.string(),
});

const MAX_SECONDS = 30;
/** How far clocks may differ is not documented. */
const CLOCK_ALLOWANCE_SECONDS = 2;

export interface TokenCheck {
  /** @throws FireblocksFailure unless it is a request of an API user with this key, made now, for exactly this. */
  readonly check: (call: HttpCall) => void;
}

/** `users`: public keys by API key. */
export function createTokenCheck(users: ReadonlyMap<string, KeyObject>): TokenCheck {
  const nonces = new Set<string>();
  return {
    check: ({ headers, path, body }) => {
      const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
      if (token === undefined) throw new FireblocksFailure(401, -3, 'Unauthorized: JWT is missing');
      const apiKey = headers['x-api-key'];
      if (apiKey === undefined) throw new FireblocksFailure(401, -2, 'Unauthorized: API key is missing');
      const [head = '', payload = '', signature = '', ...rest] = token.split('.');
      const publicKey = users.get(apiKey);
      if (publicKey === undefined || rest.length > 0) throw notAccepted();
      decoded(headerSchema, head);
      const claims = decoded(claimsSchema, payload);
      const signed = Buffer.from(`${head}.${payload}`);
      if (!verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))) {
        throw new FireblocksFailure(401, -1, 'invalid signature');
      }
      const nonce = `${apiKey} ${claims.nonce}`;
      const bodyHash = createHash('sha256').update(body).digest('hex');
      if (claims.sub !== apiKey) throw new FireblocksFailure(401, -6, 'Unauthorized: wrong user in the JWT');
      if (claims.uri !== path) throw new FireblocksFailure(401, -4, 'Unauthorized: wrong URL in the JWT');
      checkTimes(claims);
      if (claims.bodyHash !== bodyHash || nonces.has(nonce)) throw notAccepted();
      nonces.add(nonce);
    },
  };
}

function checkTimes({ iat, exp }: z.output<typeof claimsSchema>): void {
  const now = Date.now() / 1000;
  if (iat > now + CLOCK_ALLOWANCE_SECONDS) {
    throw new FireblocksFailure(401, -12, 'The request is with a future issuance timestamp (iat)');
  }
  if (exp <= now) throw new FireblocksFailure(401, -10, 'The request has expired.');
  if (exp - iat >= MAX_SECONDS) throw notAccepted();
}

function decoded<T>(schema: z.ZodType<T>, part: string): T {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) throw notAccepted();
  try {
    return schema.parse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    throw notAccepted();
  }
}
