// Owns one call of Fireblocks' API: with the API key and its private key as they are now, and what may be said of its answer.
import * as z from 'zod';
import { parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { keyReader } from '../../net/named-secret.ts';
import { parseJson } from '../../net/parse-json.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { ServiceAnswer, ServiceFault } from '../service-answer.ts';
import { accessToken, parseApiPrivateKey } from './access-token.ts';
import type { FireblocksAccess } from './fireblocks-options.ts';

/** `path` begins behind that of the API's URL, and holds its query. */
export type FireblocksRequest =
  | { readonly method: 'GET'; readonly path: string }
  | {
      readonly method: 'POST';
      readonly path: string;
      readonly body: string;
      /** At most 40 characters; within a day the same key gets the first answer. Absent: the body says which request it is. */
      readonly idempotencyKey?: string;
    };

/** What Fireblocks says went wrong, clean of secrets. */
export interface FireblocksFault extends ServiceFault {
  /** Of Fireblocks' own list (developers.fireblocks.com, API error codes); `null`: it gives none. */
  readonly code: number | null;
  /** `false`: it is not in Fireblocks' words. Something before it answered, such as a proxy. */
  readonly isFireblocks: boolean;
}

export type FireblocksAnswer = ServiceAnswer<FireblocksFault>;

export interface FireblocksApi {
  /** Never rejects. */
  readonly call: (request: FireblocksRequest, signal: AbortSignal) => Promise<FireblocksAnswer>;
  readonly close: () => void;
}

/** A transaction has some 5 KB beside the message that it signs. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const NOT_A_USER = 'the API key must be the id of an API user: letters, digits and dashes';
const NOT_A_KEY = 'the API private key must be an RSA key of 2048 bits or more in PEM, without a passphrase';

const faultSchema = z.object({ message: z.string(), code: z.int().optional().catch(undefined) });

/** @throws Error when the URL is none. */
export function createFireblocksApi({ url, apiKey, apiPrivateKey, timeoutMs }: FireblocksAccess): FireblocksApi {
  const endpoint = parseEndpoint(url, 'url');
  const bounds = { timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES };
  // A token is for one request: not even a question may go out a second time with it.
  const client = createHttpClient({ ...bounds, repeatStale: false });
  const currentUser = keyReader(apiKey, parseApiKey, NOT_A_USER);
  const currentKey = keyReader(apiPrivateKey, parseApiPrivateKey, NOT_A_KEY);
  return {
    close: () => client.close(),
    call: async (request, signal) => {
      const [calling, signing] = [await currentUser(), await currentKey()];
      if (calling.kind === 'no secret') return calling;
      if (signing.kind === 'no secret') return signing;
      const user = calling.key;
      const target = endpoint.at(request.path);
      const body = request.method === 'GET' ? null : request.body;
      const token = await accessToken(signing.key, {
        apiKey: user,
        uri: `${target.pathname}${target.search}`,
        body: body ?? '',
      });
      const headers = { 'x-api-key': user, authorization: `Bearer ${token}`, ...headersOf(request) };
      const answer = await client.call({ method: request.method, url: target, headers, body }, signal);
      if (answer.kind === 'lost') return { ...answer, reason: `Fireblocks ${endpoint.host}: ${answer.reason}` };
      const parsed = parseJson(answer.body);
      if (answer.status === 200) return { kind: 'answered', body: parsed };
      const fault = faultOf(parsed, answer.status, (said) => endpoint.clean(said, [user, token]));
      const waitMs = retryAfterMs(answer.headers['retry-after'], Date.now());
      return { kind: 'error', fault, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
    },
  };
}

function headersOf(request: FireblocksRequest): Readonly<Record<string, string>> {
  if (request.method === 'GET') return {};
  const { idempotencyKey } = request;
  return { ...JSON_TYPE, ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }) };
}

export function faultOf(said: unknown, status: number, clean: (text: string) => string): FireblocksFault {
  const read = faultSchema.safeParse(said);
  if (!read.success) return { status, code: null, message: `HTTP status ${status}`, isFireblocks: false };
  const { message, code = null } = read.data;
  return { status, code, message: clean(message) || `HTTP status ${status}`, isFireblocks: true };
}

function parseApiKey(text: string): string | null {
  return /^[A-Za-z0-9-]{1,128}$/.test(text) ? text : null;
}
