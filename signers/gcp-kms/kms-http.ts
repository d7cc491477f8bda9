// Owns one call of the REST API of Cloud KMS, and what its errors mean for a signature and for a check.
import * as z from 'zod';
import { cleanText, parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { GoogleCredentials } from './google-credentials.ts';

export interface KmsFailure {
  readonly kind: 'refused' | 'unavailable';
  readonly reason: string;
  /** A signature, or a key, may have been made. */
  readonly ambiguous: boolean;
  /** Key of the configuration to look at; `null`: Cloud KMS is at fault. */
  readonly field: string | null;
  readonly retryAfterMs?: number;
  readonly cause?: 'throttled';
}

export type KmsAnswer =
  | { readonly kind: 'answered'; readonly body: unknown }
  /** `status`: as Cloud KMS calls what went wrong, such as `NOT_FOUND`; empty: it said nothing. */
  | { readonly kind: 'failed'; readonly failure: KmsFailure; readonly status: string };

export interface KmsHttp {
  /** `Cloud KMS cloudkms.googleapis.com`, for reasons. */
  readonly about: string;
  /** `path` below `/v1/`, and a query. Never rejects. */
  readonly call: (
    path: string,
    body: Readonly<Record<string, unknown>> | null,
    signal: AbortSignal,
  ) => Promise<KmsAnswer>;
  readonly close: () => void;
}

const MAX_RESPONSE_BYTES = 256 * 1024;
/** Quotas are held against seconds, and Cloud KMS names no time itself. */
const THROTTLED_MS = 1_000;

const errorBody = z.object({ error: z.object({ code: z.int(), status: z.string().default(''), message: z.string() }) });

/** Statuses by which Cloud KMS itself says no: the key is not there, not for signing or not enabled, or IAM does not allow it. */
const REFUSED: ReadonlySet<string> = new Set([
  'INVALID_ARGUMENT',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'UNIMPLEMENTED',
]);

/** @throws Error when the URL is none. */
export function createKmsHttp(url: string, timeoutMs: number, credentials: GoogleCredentials): KmsHttp {
  const endpoint = parseEndpoint(url, 'endpoint');
  const http = createHttpClient({ timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES, repeatStale: false });
  const about = `Cloud KMS ${endpoint.host}`;
  const failed = (reason: string, ambiguous: boolean, field: string | null): KmsAnswer => ({
    kind: 'failed',
    failure: { kind: 'unavailable', reason: `${about}: ${reason}`, ambiguous, field },
    status: '',
  });
  return {
    about,
    close: http.close,
    call: async (path, body, signal) => {
      const found = await credentials.headers(signal);
      if (found.kind === 'none')
        return failed(`no credentials: ${cleanText(found.reason, [])}`, false, 'credentials_file');
      const headers = { ...found.headers, ...(body === null ? {} : { 'content-type': 'application/json' }) };
      const target = new URL(`/v1/${path}`, endpoint.url);
      const text = body === null ? null : JSON.stringify(body);
      const answer = await http.call(
        { method: body === null ? 'GET' : 'POST', url: target, headers, body: text },
        signal,
      );
      if (answer.kind === 'lost') return failed(answer.reason, answer.mayHaveArrived, null);
      const parsed = jsonOf(answer.body);
      if (answer.status === 401) credentials.forget();
      if (answer.status !== 200) {
        const header = answer.headers['retry-after'];
        const secrets = Object.values(found.headers).map((value) => value.replace(/^Bearer /, ''));
        const clean = (said: string) => endpoint.clean(said, secrets);
        const failure = failureOf({ about, status: answer.status, clean }, parsed, header);
        const said = errorBody.safeParse(parsed);
        return { kind: 'failed', failure, status: said.success ? said.data.error.status : '' };
      }
      if (typeof parsed === 'object' && parsed !== null) return { kind: 'answered', body: parsed };
      return failed('the answer is not JSON of Cloud KMS', true, null);
    },
  };
}

interface Refusal {
  readonly about: string;
  /** HTTP status. */
  readonly status: number;
  readonly clean: (said: string) => string;
}

function failureOf(
  { about, status: httpStatus, clean }: Refusal,
  body: unknown,
  retryAfter: string | undefined,
): KmsFailure {
  const said = errorBody.safeParse(body);
  const { status = '', message = '' } = said.success ? said.data.error : {};
  const reason = clean([`HTTP status ${httpStatus}`, status, message].filter((part) => part !== '').join(': '));
  const failure = {
    kind: 'unavailable',
    reason: `${about}: ${reason}`,
    ambiguous: httpStatus >= 500,
    field: null,
  } as const;
  if (httpStatus === 429) {
    return { ...failure, cause: 'throttled', retryAfterMs: retryAfterMs(retryAfter, Date.now()) ?? THROTTLED_MS };
  }
  if (httpStatus === 401) return { ...failure, field: 'credentials_file' };
  // What something else on the way forbids is no word of Cloud KMS.
  if (REFUSED.has(status) && httpStatus < 500) return { ...failure, kind: 'refused', field: 'key_version' };
  return failure;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
