// Owns one call of Privy's API: with the app's secret and the authorization key as they are now, and what may be said of its answer.
import * as z from 'zod';
import { parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { type KeyReading, keyReader, readSecret } from '../../net/named-secret.ts';
import { parseJson } from '../../net/parse-json.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { ServiceAnswer, ServiceFault } from '../service-answer.ts';
import { type AuthorizationKey, authorizationSignature, parseAuthorizationKey } from './authorization.ts';
import type { CanonicalJson } from './canonical-json.ts';
import type { PrivyOptions } from './privy-options.ts';

export type PrivyRequest =
  | { readonly method: 'GET'; readonly path: string }
  | {
      readonly method: 'POST';
      readonly path: string;
      readonly body: CanonicalJson;
      /** At most 256 characters; within a day the same key with the same body is the same request. */
      readonly idempotencyKey: string;
      /** Unix milliseconds after which Privy refuses the request; `null`: never. */
      readonly expiresAt: number | null;
    };

/** What Privy says went wrong, clean of secrets. */
export interface PrivyFault extends ServiceFault {
  /** Of Privy's own list (docs.privy.io, API error codes); `null`: it gives none. */
  readonly code: string | null;
  /** `false`: it is not in Privy's words. Something before it answered, such as a proxy. */
  readonly isPrivys: boolean;
}

export type PrivyAnswer = ServiceAnswer<PrivyFault>;

export interface PrivyApi {
  /** Never rejects. */
  readonly call: (request: PrivyRequest, signal: AbortSignal) => Promise<PrivyAnswer>;
  /** The authorization key as it is now; `null`: there is none. */
  readonly authorizationKey: () => Promise<KeyReading<AuthorizationKey | null>>;
  readonly close: () => void;
}

const MAX_RESPONSE_BYTES = 1024 * 1024;
const NO_KEY = { kind: 'key', key: null } as const;
const NOT_A_KEY = 'the authorization key must be the PKCS8 of a P-256 private key in base64';

const faultSchema = z.object({ error: z.string(), code: z.string().optional().catch(undefined) });

type Options = Pick<PrivyOptions, 'url' | 'appId' | 'appSecret' | 'authorizationKey' | 'timeoutMs'>;

/** @throws Error when the URL is none. */
export function createPrivyApi({ url, appId, appSecret, authorizationKey, timeoutMs }: Options): PrivyApi {
  const endpoint = parseEndpoint(url, 'url');
  const bounds = { timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES };
  const clients = {
    GET: createHttpClient({ ...bounds, repeatStale: true }),
    // What came of a request that may have arrived must not be hidden by the answer to its repetition.
    POST: createHttpClient({ ...bounds, repeatStale: false }),
  };
  const currentKey =
    authorizationKey === null ? async () => NO_KEY : keyReader(authorizationKey, parseAuthorizationKey, NOT_A_KEY);
  return {
    close: () => {
      clients.GET.close();
      clients.POST.close();
    },
    authorizationKey: currentKey,
    call: async (request, signal) => {
      const [secret, reading] = [await readSecret(appSecret), await currentKey()];
      if (typeof secret !== 'string') return secret;
      if (reading.kind === 'no secret') return reading;
      const basic = Buffer.from(`${appId}:${secret}`).toString('base64');
      const target = endpoint.at(request.path);
      const own = privyHeaders(request, target, appId, reading.key);
      const answer = await clients[request.method].call(
        {
          method: request.method,
          url: target,
          headers: { 'content-type': 'application/json', authorization: `Basic ${basic}`, ...own },
          body: request.method === 'GET' ? null : JSON.stringify(request.body),
        },
        signal,
      );
      if (answer.kind === 'lost') return { ...answer, reason: `Privy ${endpoint.host}: ${answer.reason}` };
      const parsed = parseJson(answer.body);
      if (answer.status === 200) return { kind: 'answered', body: parsed };
      const fault = faultOf(parsed, answer.status, (text) => endpoint.clean(text, [secret, basic]));
      const waitMs = retryAfterMs(answer.headers['retry-after'], Date.now());
      return { kind: 'error', fault, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
    },
  };
}

/** All but the signature are signed. */
function privyHeaders(
  request: PrivyRequest,
  target: URL,
  appId: string,
  key: AuthorizationKey | null,
): Readonly<Record<string, string>> {
  if (request.method === 'GET') return { 'privy-app-id': appId };
  const headers = {
    'privy-app-id': appId,
    'privy-idempotency-key': request.idempotencyKey,
    ...(request.expiresAt === null ? {} : { 'privy-request-expiry': String(request.expiresAt) }),
  };
  if (key === null) return headers;
  const { method, body } = request;
  const signature = authorizationSignature(key, { method, url: target.href, body, headers });
  return { ...headers, 'privy-authorization-signature': signature };
}

function faultOf(said: unknown, status: number, clean: (text: string) => string): PrivyFault {
  const read = faultSchema.safeParse(said);
  if (!read.success) return { status, code: null, message: `HTTP status ${status}`, isPrivys: false };
  const { error, code = '' } = read.data;
  return {
    status,
    code: /^[a-z][a-z0-9_]{2,79}$/.test(code) ? code : null,
    message: clean(error) || `HTTP status ${status}`,
    isPrivys: true,
  };
}
