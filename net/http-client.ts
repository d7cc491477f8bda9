// Owns HTTP calls to one remote service over kept-alive connections: bounded in time and size, redirects not followed.
import http from 'node:http';
import https from 'node:https';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute; of the service that the client was made for. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent byte for byte; `null`: none. */
  readonly body: string | null;
  /** Absent, or more than the client reads of any: as much as that. */
  readonly maxResponseBytes?: number;
}

export type HttpAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: http.IncomingHttpHeaders;
      readonly body: string;
    }
  /** No answer. `reason` is free of the URL. */
  | {
      readonly kind: 'lost';
      readonly reason: string;
      readonly cause?: unknown;
      /** `false`: the service certainly got nothing, as there was no connection. */
      readonly mayHaveArrived: boolean;
    };

export interface HttpClientOptions {
  /** For one call, connection included. */
  readonly timeoutMs: number;
  /** A larger answer is not read to its end. */
  readonly maxResponseBytes: number;
  /** PEM; absent: the authorities of the system, and no certificate of our own. Ignored for http. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /**
   * Whether a request goes out once more, over a new connection, where the service closed a kept one just as it was used: only for
   * requests that may arrive twice.
   */
  readonly repeatStale: boolean;
}

export interface HttpClient {
  /** Never rejects. */
  readonly call: (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;
  /** Ends idle and running connections. */
  readonly close: () => void;
}

/** A client with connection pools of its own. Idle connections do not keep the process alive. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pool = { keepAlive: true, maxSockets: 256, maxFreeSockets: 64 };
  const agents = {
    http: new http.Agent(pool),
    https: new https.Agent({ ...pool, minVersion: 'TLSv1.2', ...options.tls }),
  };
  const attempt = (request: HttpRequest, signal: AbortSignal, isKept: boolean): Promise<Attempt> =>
    new Promise((resolve) => {
      const sent = sendOrNot(request, agents, isKept, options);
      if ('kind' in sent) return resolve(sent);
      let connected = false;
      const finish = (outcome: Attempt): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
        if (outcome.kind === 'lost') sent.destroy();
      };
      const lose = (reason: string, cause?: unknown): void =>
        finish({
          kind: 'lost',
          reason,
          cause,
          mayHaveArrived: connected || sent.reusedSocket,
          isStale: sent.reusedSocket && isReset(cause),
        });
      const onAbort = (): void => lose('the caller gave up', signal.reason);
      const timer = setTimeout(() => lose(`no answer within ${options.timeoutMs} ms`), options.timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      sent.on('socket', (socket) => {
        connected = !socket.connecting;
        const ready = request.url.protocol === 'https:' ? 'secureConnect' : 'connect';
        if (!connected) socket.once(ready, () => (connected = true));
      });
      sent.on('error', (error) => lose(`connection failed (${codeOf(error)})`, error));
      sent.on('response', (response) => readBody(response, mostBytes(request, options), finish, lose));
      sent.end(request.body ?? undefined);
    });
  return {
    call: async (request, signal) => {
      if (signal.aborted) {
        return { kind: 'lost', reason: 'the caller gave up', cause: signal.reason, mayHaveArrived: false };
      }
      const first = await attempt(request, signal, true);
      return first.kind === 'lost' && first.isStale && options.repeatStale ? attempt(request, signal, false) : first;
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function mostBytes({ maxResponseBytes }: HttpRequest, options: HttpClientOptions): number {
  return Math.min(maxResponseBytes ?? Number.POSITIVE_INFINITY, options.maxResponseBytes);
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** Header values and certificates are secrets from files, and may be nothing that can be sent. */
function sendOrNot(
  ...request: Parameters<typeof send>
): http.ClientRequest | Extract<Attempt, { readonly kind: 'lost' }> {
  try {
    return send(...request);
  } catch (error) {
    const reason = `the request cannot be made (${codeOf(error)})`;
    return { kind: 'lost', reason, mayHaveArrived: false, isStale: false };
  }
}

/** `isKept`: over a connection that may have been used before. */
function send(
  { method, url, headers: given, body }: HttpRequest,
  agents: Agents,
  isKept: boolean,
  { tls }: HttpClientOptions,
): http.ClientRequest {
  const headers = body === null ? given : { ...given, 'content-length': String(Buffer.byteLength(body)) };
  if (url.protocol === 'https:') {
    return https.request(url, { method, headers, agent: isKept ? agents.https : false, minVersion: 'TLSv1.2', ...tls });
  }
  return http.request(url, { method, headers, agent: isKept ? agents.http : false });
}

type Attempt =
  | Extract<HttpAnswer, { readonly kind: 'answered' }>
  | (Extract<HttpAnswer, { readonly kind: 'lost' }> & { readonly isStale: boolean });

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
    if (!response.complete) return lose('the answer broke off');
    const { statusCode: status = 0, headers } = response;
    finish({ kind: 'answered', status, headers, body: Buffer.concat(chunks).toString('utf8') });
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
