// Owns the plain HTTP side for machines: /metrics, /livez, /readyz. It shows numbers and names of parts, never anything secret.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { formatAddress, parseListenAddress } from '../rpc/listen-address.ts';

/** One thing that must work for the gateway to take calls. */
export interface ReadyPart {
  readonly part: string;
  readonly ready: boolean;
  /** Why not, in a few words for an operator. Of a part that is ready: what is wrong with it all the same. */
  readonly detail?: string;
}

export interface HttpOptions {
  /** `host:port`; port 0 asks for a free one. */
  readonly address: string;
  readonly registry: Registry;
  /** False: the process cannot recover by itself and should be restarted. */
  readonly live: () => boolean;
  readonly ready: () => Promise<readonly ReadyPart[]>;
}

export interface HttpListener {
  /** With the real port. */
  readonly address: string;
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 2000;

/** Throws when the address is not one or is taken. */
export async function startHttpServer(options: HttpOptions): Promise<HttpListener> {
  const address = parseListenAddress(options.address);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, { error: 'only GET' });
    const path = request.url?.split('?', 1)[0];
    route(path, options, response).catch(() => answer(response, 500, { error: 'internal error' }));
  });
  const port = await listen(server, address);
  return {
    address: formatAddress({ host: address.host, port }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(path: string | undefined, options: HttpOptions, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/metrics': {
      const text = await options.registry.metrics();
      response.writeHead(200, { 'content-type': options.registry.contentType }).end(text);
      return;
    }
    case '/livez': {
      const live = options.live();
      return answer(response, live ? 200 : 503, { live });
    }
    case '/readyz': {
      const parts = await Promise.race([options.ready().catch(unanswered), tooLate()]);
      const failing = parts.filter((part) => !part.ready).map(({ part, detail }) => ({ part, detail }));
      const degraded = parts
        .filter((part) => part.ready && part.detail !== undefined)
        .map(({ part, detail }) => ({ part, detail }));
      const ready = failing.length === 0;
      return answer(response, ready ? 200 : 503, { ready, parts: parts.map(({ part }) => part), failing, degraded });
    }
    default:
      return answer(response, 404, { error: 'there are /metrics, /livez and /readyz' });
  }
}

function answer(response: ServerResponse, code: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function unanswered(): readonly ReadyPart[] {
  return [{ part: 'readiness', ready: false, detail: 'the check itself failed' }];
}

function tooLate(): Promise<readonly ReadyPart[]> {
  const late = { part: 'readiness', ready: false, detail: `no answer within ${READY_TIMEOUT_MS} ms` };
  return new Promise((resolve) => setTimeout(resolve, READY_TIMEOUT_MS, [late]).unref());
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) =>
      reject(
        new Error(`the HTTP listener cannot use ${formatAddress({ host, port })}: ${error.message}`, { cause: error }),
      );
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}
