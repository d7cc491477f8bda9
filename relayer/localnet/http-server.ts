// Owns the HTTP side of the local chain: one POST a call, limits of the cluster's RPC, switched-on faults.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Chain } from './chain.ts';
import { controlMethods } from './control-methods.ts';
import type { DyingForks } from './dying-forks.ts';
import { createFaults, type Fault } from './faults.ts';
import { answer, CHAIN_METHODS, methodsOf, parseBody } from './json-rpc.ts';
import type { Method, Methods } from './methods/method.ts';
import { sendThrough } from './methods/transactions.ts';
import { execute, signatureOf } from './submission.ts';
import { viewOf } from './views.ts';
import type { WireTransaction } from './wire-transaction.ts';

/** MAX_REQUEST_BODY_SIZE of the cluster's RPC. */
const MAX_BODY_BYTES = 50 * 1024;

/** An HTTP server that is not listening yet, with faults of its own. */
export function createRpcServer(chain: Chain, forks: DyingForks): Server {
  const faults = createFaults();
  const methods = { ...CHAIN_METHODS, ...controlMethods(faults) };
  const serve = (request: IncomingMessage, response: ServerResponse, body: unknown): void => {
    const called = methodsOf(body).filter((method) => !method.startsWith('localnet_'));
    const fault = called.length === 0 ? null : faults.next(called);
    const seen = forks.seenFrom(chain);
    if (fault === null) send(response, 200, answer(seen, methods, body));
    else suffer(fault, request, response, () => answerFaultily(fault, { chain, forks, seen }, methods, body));
  };
  return createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/health') {
      send(response, 200, 'ok', 'text/plain');
    } else if (request.method !== 'POST') {
      send(response, 405, 'Used HTTP Method is not allowed.\n', 'text/plain');
    } else if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      send(response, 415, 'Supplied content type is not allowed: use application/json\n', 'text/plain');
    } else {
      readBody(request, response, (text) => serve(request, response, parseBody(text)));
    }
  });
}

function readBody(request: IncomingMessage, response: ServerResponse, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (length > MAX_BODY_BYTES) send(response, 413, `body exceeds ${MAX_BODY_BYTES} bytes\n`, 'text/plain');
    else done(Buffer.concat(chunks).toString('utf8'));
  });
}

interface Sides {
  readonly chain: Chain;
  readonly forks: DyingForks;
  /** The chain with its dying forks. */
  readonly seen: Chain;
}

/** As a node that sees, or does, something else than it should. */
function answerFaultily(fault: Fault, { chain, forks, seen }: Sides, methods: Methods, body: unknown): string {
  const forward = (transaction: WireTransaction): void => {
    if (fault.kind === 'drop') return;
    if (fault.kind === 'forkAway') forks.add(signatureOf(transaction), BigInt(fault.measure ?? 1));
    else execute(chain, transaction);
  };
  const sendTransaction: Method = (view, params) => sendThrough(view, params, forward);
  return answer(viewOf(seen, fault), { ...methods, sendTransaction }, body);
}

function suffer(fault: Fault, request: IncomingMessage, response: ServerResponse, run: () => string): void {
  switch (fault.kind) {
    case 'hang':
      return;
    case 'rateLimit':
      if (fault.measure !== null) response.setHeader('retry-after', fault.measure);
      send(response, 429, 'Too many requests\n', 'text/plain');
      return;
    case 'serverError':
      send(response, 500, 'Internal server error\n', 'text/plain');
      return;
    case 'loseAnswer':
      run();
      request.socket.destroy();
      return;
    case 'slow':
      setTimeout(() => send(response, 200, run()), fault.measure ?? 0).unref();
      return;
    case 'lag':
    case 'wrongSlot':
    case 'staleBlockhash':
    case 'denyStatus':
    case 'failStatus':
    case 'claimStatus':
    case 'drop':
    case 'forkAway':
      send(response, 200, run());
      return;
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
