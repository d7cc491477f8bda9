// Owns one JSON-RPC 2.0 call: request text, and a strict reading of the envelope of its answer.
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { isRecord, parseExactJson, stringifyExactJson } from '../json-exact.ts';

export type RpcAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  /** The node understood the call and refused it. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string; readonly data: unknown }
  /** No answer, or one that makes no sense. `reason` is clean of secrets. */
  | LostAnswer;

export interface LostAnswer {
  readonly kind: 'lost';
  readonly reason: string;
  readonly cause?: unknown;
  /** `false`: the node certainly did nothing about it. */
  readonly mayHaveArrived: boolean;
  /** How long it wants to be left alone; `undefined`: it does not say how long; `null`: it does not ask for that. */
  readonly restMs: number | null | undefined;
}

const TOO_MANY_REQUESTS = 429;

export interface RpcClient {
  readonly endpoint: Endpoint;
  /** Never rejects. */
  readonly call: (method: string, params: readonly unknown[], signal: AbortSignal) => Promise<RpcAnswer>;
  readonly close: () => void;
}

export interface RpcClientOptions {
  readonly url: string;
  /** For one call, connection included. */
  readonly timeoutMs: number;
  /** A larger answer is not read to its end. */
  readonly maxResponseBytes: number;
}

/** With accounts, logs, or many entries. Of other methods an answer is a few numbers, or 256 statuses. */
const LARGE_ANSWERS: ReadonlySet<string> = new Set([
  'getMultipleAccounts',
  'getSignaturesForAddress',
  'getTokenAccountsByOwner',
  'getTransaction',
  'sendTransaction',
  'simulateTransaction',
]);
/** Everybody waits while an answer is parsed: one of 16 MiB that is made for that takes seconds, and half a gigabyte. */
const SMALL_ANSWER_BYTES = 256 * 1024;

/** @throws Error when the URL is none. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const endpoint = parseEndpoint(options.url, 'the RPC URL');
  // Reads are reads, and a transaction that goes out twice is the same transaction.
  const { call: send, close } = createHttpClient({ ...options, repeatStale: true });
  const { url } = endpoint;
  const headers = { 'content-type': 'application/json' };
  let lastId = 0;
  return {
    endpoint,
    close,
    call: async (method, params, signal) => {
      const id = ++lastId;
      const body = stringifyExactJson({ jsonrpc: '2.0', id, method, params });
      const most = LARGE_ANSWERS.has(method) ? {} : { maxResponseBytes: SMALL_ANSWER_BYTES };
      const answer = await send({ method: 'POST', url, headers, body, ...most }, signal);
      if (answer.kind === 'lost') return { ...answer, restMs: null };
      const { status, headers: answered } = answer;
      if (status === 200) return readEnvelope(answer.body, id);
      const isBusy = status === TOO_MANY_REQUESTS;
      const restMs = isBusy ? readRetryAfter(answered['retry-after'], Date.now()) : null;
      return { kind: 'lost', reason: `HTTP status ${status}`, mayHaveArrived: !isBusy, restMs };
    },
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3); `undefined`: neither. */
function readRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function senseless(reason: string): LostAnswer {
  return { kind: 'lost', reason, mayHaveArrived: true, restMs: null };
}

/** `id`: of the call; an answer to another one is lost. */
export function readEnvelope(body: string, id: number): RpcAnswer {
  const envelope = parseText(body);
  if (!isRecord(envelope) || envelope.jsonrpc !== '2.0' || envelope.id !== id) {
    return senseless('the answer is no JSON-RPC 2.0 answer to this call');
  }
  // The specification forbids a null error beside a result; some proxies write it all the same.
  const { result, error: errorOrNull } = envelope;
  const error = errorOrNull ?? undefined;
  if (result !== undefined && error === undefined) return { kind: 'result', result };
  if (result !== undefined || !isRecord(error)) {
    return senseless('the answer has neither a result nor an error');
  }
  const { code, message, data } = error;
  if (typeof code !== 'number' || !Number.isSafeInteger(code) || typeof message !== 'string') {
    return senseless('the error of the answer has no code or message');
  }
  return { kind: 'error', code, message, data };
}

function parseText(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}
