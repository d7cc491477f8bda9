// Owns one call of Turnkey's API: stamped with the API key as it is now, and what may be said of its answer.
import * as z from 'zod';
import { parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { keyReader, type NamedSecret } from '../../net/named-secret.ts';
import { parseJson } from '../../net/parse-json.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { ServiceAnswer, ServiceFault } from '../service-answer.ts';
import { parseApiKey, stampOf } from './stamp.ts';

/** What Turnkey says went wrong: as the body of an HTTP error, and in an activity that failed. Clean of secrets. */
export interface TurnkeyFault extends ServiceFault {
  /** HTTP status; where an activity failed, the one that its gRPC code stands for. */
  readonly status: number;
  /** Of Turnkey's own list (docs.turnkey.com, Errors); `null`: it gives none. */
  readonly code: string | null;
  /** `false`: it is not in Turnkey's words. Something before it answered, such as a proxy. */
  readonly isTurnkeys: boolean;
}

export type TurnkeyAnswer = ServiceAnswer<TurnkeyFault>;

export interface TurnkeyApi {
  /** Never rejects. A body that is sent again is the same request to Turnkey, whatever key stamps it. */
  readonly post: (path: string, body: string, signal: AbortSignal) => Promise<TurnkeyAnswer>;
  readonly close: () => void;
}

export interface TurnkeyApiOptions {
  /** `https://api.turnkey.com`. */
  readonly url: string;
  /** Private key as hex; asked for each call, so that it can be rotated. */
  readonly apiPrivateKey: NamedSecret;
  /** For one call, connection included. */
  readonly timeoutMs: number;
}

/** A page of a hundred accounts has some 50 KB. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
const NOT_A_KEY = 'the API private key must be 64 hex digits of a P-256 key';

const faultSchema = z.object({
  code: z.number(),
  message: z.string().catch(''),
  details: z.array(z.unknown()).catch([]),
  turnkeyErrorCode: z.string().optional().catch(undefined),
});
const detailSchema = z.object({ turnkeyErrorCode: z.string() });

/** @throws Error when the URL is none. */
export function createTurnkeyApi({ url, apiPrivateKey, timeoutMs }: TurnkeyApiOptions): TurnkeyApi {
  const endpoint = parseEndpoint(url, 'url');
  const bounds = { timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES };
  const queries = createHttpClient({ ...bounds, repeatStale: true });
  // What came of a submission that may have arrived must not be hidden by the answer to its repetition.
  const submissions = createHttpClient({ ...bounds, repeatStale: false });
  const currentKey = keyReader(apiPrivateKey, parseApiKey, NOT_A_KEY);
  return {
    close: () => {
      queries.close();
      submissions.close();
    },
    post: async (path, body, signal) => {
      const key = await currentKey();
      if (key.kind === 'no secret') return key;
      const stamp = stampOf(key.key, body);
      const headers = { 'content-type': 'application/json', 'x-stamp': stamp };
      const client = path.startsWith('/public/v1/query/') ? queries : submissions;
      const answer = await client.call({ method: 'POST', url: endpoint.at(path), headers, body }, signal);
      if (answer.kind === 'lost') return { ...answer, reason: `Turnkey ${endpoint.host}: ${answer.reason}` };
      const parsed = parseJson(answer.body);
      if (answer.status === 200) return { kind: 'answered', body: parsed };
      const fault = faultOf(parsed, answer.status, (text) => endpoint.clean(text, [stamp]));
      const waitMs = retryAfterMs(answer.headers['retry-after'], Date.now());
      return { kind: 'error', fault, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
    },
  };
}

/** `said`: what Turnkey sent of a `google.rpc.Status`. */
export function faultOf(said: unknown, status: number, clean: (text: string) => string): TurnkeyFault {
  const read = faultSchema.safeParse(said);
  if (!read.success) return { status, code: null, message: `HTTP status ${status}`, isTurnkeys: false };
  const { message, details, turnkeyErrorCode } = read.data;
  const coded = details.map((detail) => detailSchema.safeParse(detail)).find((detail) => detail.success);
  const code = coded?.data?.turnkeyErrorCode ?? turnkeyErrorCode ?? '';
  return {
    status,
    code: /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? code : null,
    message: clean(message) || `HTTP status ${status}`,
    isTurnkeys: true,
  };
}
