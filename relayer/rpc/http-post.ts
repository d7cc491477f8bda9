// Owns one HTTP POST of JSON over kept-alive connections: bounded in time and size, redirects not followed.
import http from 'node:http';
import https from 'node:https';
import type { Endpoint } from './endpoint.ts';

export type PostResult =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  /** Whether the request reached the node is not known. `reason` is free of the URL. */
  | { readonly kind: 'lost'; readonly reason: string; readonly cause?: unknown };

export interface PostOptions {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Posts JSON text. Never rejects. */
export type HttpPost = (body: string, signal: AbortSignal) => Promise<PostResult>;

export interface HttpPoster {
  readonly post: HttpPost;
  /** Ends idle and running connections. */
  readonly close: () => void;
}

/** A poster with a connection pool of its own. Idle connections do not keep the process alive. */
export function createHttpPoster(endpoint: Endpoint, options: PostOptions): HttpPoster {
  const { url } = endpoint;
  const agentOptions = { keepAlive: true, maxSockets: 256, maxFreeSockets: 64 };
  const transport =
    url.protocol === 'https:'
      ? { request: https.request, agent: new https.Agent(agentOptions) }
      : { request: http.request, agent: new http.Agent(agentOptions) };
  const attempt = (body: string, signal: AbortSignal, agent: http.Agent | false): Promise<Attempt> =>
    new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const request = transport.request(url, { method: 'POST', agent, headers });
      const finish = (outcome: Attempt): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
        if (outcome.kind === 'lost') request.destroy();
      };
      const lose = (reason: string, cause?: unknown): void =>
        finish({ kind: 'lost', reason, cause, isStale: request.reusedSocket && isReset(cause) });
      const onAbort = (): void => lose('the caller gave up', signal.reason);
      const timer = setTimeout(() => lose(`no answer within ${options.timeoutMs} ms`), options.timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      request.on('error', (error) => lose(`connection failed (${codeOf(error)})`, error));
      request.on('response', (response) => readBody(response, options.maxResponseBytes, finish, lose));
      request.end(body);
    });
  return {
    post: async (body, signal) => {
      if (signal.aborted) return { kind: 'lost', reason: 'the caller gave up', cause: signal.reason };
      const first = await attempt(body, signal, transport.agent);
      // The node closed a kept connection just as it was used again: once more, over a new one. The same bytes may go
      // twice: reads are reads, and a transaction is the same transaction.
      return first.kind === 'lost' && first.isStale ? attempt(body, signal, false) : first;
    },
    close: () => transport.agent.destroy(),
  };
}

type Attempt =
  | Extract<PostResult, { readonly kind: 'answered' }>
  | (Extract<PostResult, { readonly kind: 'lost' }> & { readonly isStale: boolean });

function readBody(
  response: http.IncomingMessage,
  maxBytes: number,
  finish: (outcome: Attempt) => void,
  lose: (reason: string, cause?: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) lose(`the answer is larger than ${maxBytes} bytes`);
    else chunks.push(chunk);
  });
  response.on('error', (error) => lose(`the answer broke off (${codeOf(error)})`, error));
  response.on('end', () => {
    if (!response.complete) lose('the answer broke off');
    else finish({ kind: 'answered', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
  });
}

function isReset(cause: unknown): boolean {
  const code = codeOf(cause);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** Never the message of the error: it may repeat the URL. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
