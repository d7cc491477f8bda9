// Owns a bundle server on loopback that keeps OPA's protocol to the letter, long polling included, and can be told to break it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Answers a question in place of the server. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface BundleServer {
  readonly url: string;
  /** Headers of each question, in order. */
  readonly questions: readonly IncomingMessage['headers'][];
  publish(bundle: string | Uint8Array): void;
  /** `null`: it keeps the protocol again. */
  misbehave(how: Misbehaviour | null): void;
  /** `false`: it answers at once, as a plain file server. */
  canWait: boolean;
  token: string | null;
  /** Resolves once this many questions have come. */
  asked(count: number): Promise<void>;
  close(): Promise<void>;
}

const TYPE = 'application/vnd.openpolicyagent.bundles';

export async function startBundleServer(tls: ServerOptions | null = null): Promise<BundleServer> {
  const questions: IncomingMessage['headers'][] = [];
  let bundle: string | Uint8Array = 'first';
  let etag = '"1"';
  let misbehaviour: Misbehaviour | null = null;
  let changed = Promise.withResolvers<void>();
  let questionCame = Promise.withResolvers<void>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization, prefer = '', 'if-none-match': known } = request.headers;
    if (request.method !== 'GET' || request.url !== '/policies.tar.gz') return refuse(response, 404);
    if (state.token !== null && authorization !== `Bearer ${state.token}`) return refuse(response, 401);
    const preferences = /^modes=snapshot(?:;wait=(\d+))?$/.exec(String(prefer));
    if (preferences === null) return refuse(response, 400);
    const seconds = state.canWait ? Number(preferences[1] ?? 0) : 0;
    if (known === etag && seconds > 0) await atMost(seconds * 1000, changed.promise);
    const type = state.canWait ? TYPE : 'application/gzip';
    if (known === etag) response.writeHead(304, { etag, 'content-type': type }).end();
    else response.writeHead(200, { etag, 'content-type': type, 'content-length': bundle.length }).end(bundle);
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    questions.push(request.headers);
    questionCame.resolve();
    questionCame = Promise.withResolvers();
    if (misbehaviour !== null) misbehaviour(request, response);
    else void answer(request, response);
  };
  const server: Server = tls === null ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const state: BundleServer = {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}/policies.tar.gz`,
    questions,
    publish(next) {
      bundle = next;
      etag = `"${Number(etag.slice(1, -1)) + 1}"`;
      changed.resolve();
      changed = Promise.withResolvers();
    },
    misbehave(how) {
      misbehaviour = how;
    },
    canWait: true,
    token: null,
    async asked(count) {
      while (questions.length < count) await questionCame.promise;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return state;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end('no');
}

function atMost(ms: number, change: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void change.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
