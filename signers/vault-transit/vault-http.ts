// Owns one call of the HTTP API of Vault and OpenBao, and what may be said of its answer.
import * as z from 'zod';
import { parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient, type HttpClientOptions } from '../../net/http-client.ts';
import { parseJson } from '../../net/parse-json.ts';
import { retryAfterMs } from '../../net/retry-after.ts';

export interface VaultCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/`, made by `vaultPath`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** `null`: a login, which has none yet. */
  readonly token: string | null;
  /** What else in the call must not be repeated. */
  readonly secrets?: readonly string[];
}

/** Reasons name the host and are free of secrets. */
export type VaultAnswer =
  /** A JSON object; empty where the service answers without content. */
  | { readonly kind: 'answered'; readonly body: unknown }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly reason: string;
      /** What Vault itself says; `null`: something else answered, such as a load balancer. */
      readonly errors: readonly string[] | null;
      readonly retryAfterMs?: number;
    }
  /** No answer, or none of Vault. */
  | { readonly kind: 'lost'; readonly reason: string; readonly mayHaveArrived: boolean };

export interface VaultHttpOptions {
  /** http(s) URL of the server, without a path. */
  readonly url: string;
  /** `null`: the root namespace. */
  readonly namespace: string | null;
  /** For one call, connection included. */
  readonly timeoutMs: number;
  readonly tls?: HttpClientOptions['tls'];
}

export interface VaultHttp {
  readonly host: string;
  /** Never rejects. */
  readonly call: (call: VaultCall, signal: AbortSignal) => Promise<VaultAnswer>;
  readonly close: () => void;
}

/** A key with thousands of versions is still smaller. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

const errorBody = z.object({ errors: z.array(z.string()) });

/** @throws Error when the URL is none. */
export function createVaultHttp({ url, namespace, timeoutMs, tls }: VaultHttpOptions): VaultHttp {
  const endpoint = parseEndpoint(url, 'url');
  const client = createHttpClient({
    timeoutMs,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    // A call that may have arrived is for the guard to repeat.
    repeatStale: false,
    ...(tls === undefined ? {} : { tls }),
  });
  const about = `Vault ${endpoint.host}`;
  return {
    host: endpoint.host,
    close: client.close,
    call: async ({ method, path, body, token, secrets = [] }, signal) => {
      const headers = {
        'x-vault-request': 'true',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
        ...(token === null ? {} : { 'x-vault-token': token }),
      };
      const request = { method, url: new URL(`/v1/${path}`, endpoint.url), headers, body: bodyText(body) };
      const answer = await client.call(request, signal);
      if (answer.kind === 'lost') {
        const { reason, mayHaveArrived } = answer;
        return { kind: 'lost', reason: `${about}: ${reason}`, mayHaveArrived };
      }
      const clean = (text: string) => endpoint.clean(text, token === null ? secrets : [token, ...secrets]);
      if (answer.status >= 300) return errorOf(about, answer, clean);
      const parsed = answer.status === 204 ? {} : parseJson(answer.body);
      if (typeof parsed === 'object' && parsed !== null) return { kind: 'answered', body: parsed };
      return { kind: 'lost', reason: `${about}: the answer is not JSON of Vault`, mayHaveArrived: true };
    },
  };
}

/** `transit/sign/my-key`, each part encoded. A mount may have several parts itself. */
export function vaultPath(...parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split('/'))
    .map(encodeURIComponent)
    .join('/');
}

function bodyText(body: VaultCall['body']): string | null {
  return body === undefined ? null : JSON.stringify(body);
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

function errorOf(about: string, { status, headers, body }: RawAnswer, clean: (text: string) => string): VaultAnswer {
  const said = errorBody.safeParse(parseJson(body));
  const errors = said.success ? said.data.errors : null;
  const text = errors === null || errors.length === 0 ? '' : `: ${clean(errors.join('; '))}`;
  const header = headers['retry-after'];
  const waitMs = retryAfterMs(typeof header === 'string' ? header : undefined, Date.now());
  return {
    kind: 'error',
    status,
    reason: `${about}: HTTP status ${status}${text}`,
    errors: errors === null ? null : errors.map(clean),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
}
