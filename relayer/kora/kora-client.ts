// Owns one call of a Kora: JSON-RPC 2.0 over HTTP with its credentials, and what its status codes mean.
import { createHmac } from 'node:crypto';
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient, type HttpAnswer, type HttpClientOptions } from '../../net/http-client.ts';
import type { SecretSource } from '../../net/secret-source.ts';
import { stringifyExactJson } from '../json-exact.ts';
import { readEnvelope } from '../rpc/json-rpc-client.ts';

/** The largest right answer is that of getConfig. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
const METHOD_NOT_FOUND = -32601;
/** Answered before the method runs: text that does not parse, no request, parameters of another shape. */
const MISUNDERSTOOD: ReadonlySet<number> = new Set([-32700, -32600, -32602]);
const INTERNAL_ERROR = -32603;

export interface KoraCredentials {
  /** Sent as `x-api-key`; `null`: none. */
  readonly apiKey: SecretSource | null;
  /** Signs `x-timestamp` and the body into `x-hmac-signature`; `null`: none. */
  readonly hmacSecret: SecretSource | null;
}

export interface KoraFailure {
  readonly kind: 'failed';
  /** Names the host; without secrets. */
  readonly reason: string;
  /** Key of the relayer's entry in the configuration that is to be looked at; `null`: the Kora is at fault. */
  readonly field: string | null;
  /**
   * Whether the same call may be made again. `freely`: the Kora has done nothing for this one. `once`: it may have counted it against a
   * limit of uses. `never`: it will answer the same.
   */
  readonly again: 'freely' | 'once' | 'never';
}

export type KoraAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  /** It understood the call and did not do it. */
  | {
      readonly kind: 'error' /** As it came. */;
      readonly prose: string /** Without secrets, and cut. */;
      readonly cleaned: string;
    }
  | KoraFailure;

export interface KoraClient {
  readonly host: string;
  /** Never rejects. `params`: by name; `null`: the method takes none. */
  call(method: string, params: Readonly<Record<string, unknown>> | null, signal: AbortSignal): Promise<KoraAnswer>;
  close(): void;
}

export interface KoraClientOptions extends KoraCredentials {
  readonly url: string;
  /** For one call, connection included. */
  readonly timeoutMs: number;
  readonly tls: HttpClientOptions['tls'];
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** @throws Error when the URL is none. */
export function createKoraClient(options: KoraClientOptions): KoraClient {
  const { url, timeoutMs, tls, now } = options;
  const endpoint = parseEndpoint(url, 'the URL of the Kora');
  const open = (repeatStale: boolean) =>
    createHttpClient({
      timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      repeatStale,
      ...(tls === undefined ? {} : { tls }),
    });
  const reading = open(true);
  // The Kora may have counted what went out: who calls decides whether it goes out again.
  const signing = open(false);
  let lastId = 0;
  return {
    host: endpoint.host,
    close: () => {
      reading.close();
      signing.close();
    },
    call: async (method, params, signal) => {
      const id = ++lastId;
      const body = stringifyExactJson({ jsonrpc: '2.0', id, method, params: params ?? [] });
      const proof = await prove(options, body);
      if ('kind' in proof) return proof;
      const http = method === 'signTransaction' ? signing : reading;
      const answer = await http.call({ method: 'POST', url: endpoint.url, headers: proof.headers, body }, signal);
      return read(answer, { endpoint, options, method, id, secrets: proof.secrets, now: now() });
    },
  };
}

interface Proof {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

async function prove({ apiKey, hmacSecret, now }: KoraClientOptions, body: string): Promise<Proof | KoraFailure> {
  const key = await secretOf(apiKey, 'api_key_file');
  if (typeof key === 'object' && key !== null) return key;
  const secret = await secretOf(hmacSecret, 'hmac_secret_file');
  if (typeof secret === 'object' && secret !== null) return secret;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (key !== null) headers['x-api-key'] = key;
  if (secret !== null) {
    const timestamp = String(Math.floor(now() / 1000));
    headers['x-timestamp'] = timestamp;
    headers['x-hmac-signature'] = createHmac('sha256', secret).update(timestamp).update(body).digest('hex');
  }
  return { headers, secrets: [key, secret, headers['x-hmac-signature'] ?? null].filter((each) => each !== null) };
}

/** `null`: there is none to give. */
async function secretOf(source: SecretSource | null, field: string): Promise<string | null | KoraFailure> {
  if (source === null) return null;
  try {
    const secret = await source();
    // Anything else would not stand in a header.
    if (/^[\x21-\x7e]+$/.test(secret)) return secret;
    return {
      kind: 'failed',
      field,
      again: 'never',
      reason: `${field}: the secret must be visible ASCII, without spaces`,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return { kind: 'failed', field, again: 'freely', reason: `${field}: ${why}` };
  }
}

interface Asked {
  readonly endpoint: Endpoint;
  readonly options: KoraClientOptions;
  readonly method: string;
  readonly id: number;
  readonly secrets: readonly string[];
  readonly now: number;
}

function read(answer: HttpAnswer, asked: Asked): KoraAnswer {
  const about = `Kora ${asked.endpoint.host}`;
  if (answer.kind === 'lost') {
    const again = answer.mayHaveArrived ? 'once' : 'freely';
    return { kind: 'failed', field: 'urls', again, reason: `${about}: ${answer.reason}` };
  }
  if (answer.status === 401 || answer.status === 403) return notLetIn(answer, asked, about);
  if (answer.status === 405) return notEnabled(asked, about);
  if (answer.status === 429) {
    return {
      kind: 'failed',
      field: null,
      again: 'freely',
      reason: `${about}: it has too many calls (HTTP status 429)`,
    };
  }
  if (answer.status !== 200) {
    return { kind: 'failed', field: 'urls', again: 'once', reason: `${about}: HTTP status ${answer.status}` };
  }
  return readRpcAnswer(answer.body, asked, about);
}

function readRpcAnswer(body: string, asked: Asked, about: string): KoraAnswer {
  const envelope = readEnvelope(body, asked.id);
  switch (envelope.kind) {
    case 'result':
      return envelope;
    case 'lost':
      return { kind: 'failed', field: 'urls', again: 'once', reason: `${about}: ${envelope.reason}` };
    case 'error': {
      const { code, message } = envelope;
      const cleaned = asked.endpoint.clean(message, asked.secrets);
      if (code === METHOD_NOT_FOUND) return notEnabled(asked, about);
      if (MISUNDERSTOOD.has(code)) {
        const reason = `${about}: it does not understand ${asked.method} (error ${code}: ${cleaned}); is it a Kora 2?`;
        return { kind: 'failed', field: 'urls', again: 'never', reason };
      }
      if (code === INTERNAL_ERROR) {
        return { kind: 'failed', field: null, again: 'once', reason: `${about}: error ${code}: ${cleaned}` };
      }
      return { kind: 'error', prose: message, cleaned };
    }
  }
}

function notEnabled({ method }: Asked, about: string): KoraFailure {
  const reason = `${about}: ${method} is not enabled there; set it to true under [kora.enabled_methods] in kora.toml`;
  return { kind: 'failed', field: null, again: 'never', reason };
}

/** Its answer has no text. */
function notLetIn(
  { status, headers }: Extract<HttpAnswer, { readonly kind: 'answered' }>,
  { options, now }: Asked,
  about: string,
): KoraFailure {
  const said = `${about}: HTTP status ${status}`;
  const failed = (field: string, why: string): KoraFailure => ({
    kind: 'failed',
    field,
    again: 'never',
    reason: `${said}: ${why}`,
  });
  if (options.apiKey === null && options.hmacSecret === null) {
    return failed(
      'api_key_file',
      'it wants credentials; give api_key_file or hmac_secret_file, as its kora.toml has them',
    );
  }
  if (options.hmacSecret === null) return failed('api_key_file', 'it does not take the API key (or wants an HMAC too)');
  const drift = driftSeconds(headers.date, now);
  const clock = drift === null ? '' : `; its clock and ours are ${drift} s apart`;
  const what = options.apiKey === null ? 'the HMAC (or wants an API key too)' : 'the API key or the HMAC';
  return failed('hmac_secret_file', `it does not take ${what}${clock}`);
}

function driftSeconds(date: string | undefined, now: number): number | null {
  const theirs = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(theirs) ? null : Math.abs(Math.round((theirs - now) / 1000));
}
