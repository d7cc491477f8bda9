// Owns an HTTP service on loopback that misbehaves on request. What goes wrong with connections it does itself; what goes wrong in the
// service's own language it is told. Behind it stands a fake, or a real service that is asked for what a right answer would be.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { carelessReply } from './careless-echo.ts';
import type { SignerMisbehaviour } from './misbehaviour.ts';

export interface HttpCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Those that look different in each service. */
export type SpokenMisbehaviour = Exclude<
  SignerMisbehaviour,
  'slow' | 'hangs' | 'away' | 'truncated' | 'nonsense' | 'huge' | 'signs_and_is_lost'
>;

export interface SpoiledHttpOptions {
  readonly asksForSignature: (call: HttpCall) => boolean;
  /** The right answer. Status 200 to a call that asks for a signature is a signature made. */
  readonly serve: (call: HttpCall) => Promise<HttpReply>;
  /** The wrong one; `null`: this call is answered right. With wrong credentials it is asked of every call, else of those for a signature. */
  readonly spoil: (how: SpokenMisbehaviour, call: HttpCall) => Promise<HttpReply | null>;
}

export interface SpoiledHttp {
  readonly url: string;
  readonly misbehave: (how: SignerMisbehaviour | null, times?: number) => Promise<void>;
  readonly signCalls: () => number;
  readonly signatures: () => number;
  /** Credentials that its errors repeated since this was asked last. */
  readonly echoed: () => readonly string[];
  readonly close: () => Promise<void>;
}

const SLOW_MS = 400;
const HUGE_BYTES = 20 * 1024 * 1024;
const NONSENSE: HttpReply = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Welcome</html>' };

export async function startSpoiledHttp(options: SpoiledHttpOptions): Promise<SpoiledHttp> {
  const state = { how: null as SignerMisbehaviour | null, left: 0, signCalls: 0, signatures: 0 };
  const echoed: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  const port = await listen(server, 0);

  /** How this call goes wrong. A call that follows one with wrong credentials finds them as wrong. */
  function misbehaviourOf(isSign: boolean): SignerMisbehaviour | null {
    if (!isSign) return state.how === 'wrong_credentials' ? state.how : null;
    if (state.left <= 0) state.how = null;
    state.left -= 1;
    return state.how;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    const isSign = options.asksForSignature(call);
    if (isSign) state.signCalls += 1;
    const how = misbehaviourOf(isSign);
    const serve = async (): Promise<HttpReply> => {
      const reply = await options.serve(call);
      if (isSign && reply.status === 200) state.signatures += 1;
      return reply;
    };
    switch (how) {
      case null:
        return send(response, await serve());
      case 'slow': {
        const reply = await serve();
        return void setTimeout(() => send(response, reply), SLOW_MS);
      }
      case 'hangs':
      case 'away':
        return;
      case 'nonsense':
        return send(response, NONSENSE);
      case 'huge':
        return send(response, { ...NONSENSE, body: 'x'.repeat(HUGE_BYTES) });
      case 'truncated':
        return sendHalf(response, await serve());
      case 'signs_and_is_lost':
        await serve();
        return void response.destroy();
      default: {
        const spoiled = carelessReply((await options.spoil(how, call)) ?? (await serve()), call);
        echoed.push(...spoiled.echoed);
        return send(response, spoiled.reply);
      }
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    misbehave: async (how, times = Number.POSITIVE_INFINITY) => {
      state.how = how;
      state.left = times;
      if (how === 'away') await stop(server);
      else if (!server.listening) await listen(server, port);
    },
    signCalls: () => state.signCalls,
    signatures: () => state.signatures,
    echoed: () => echoed.splice(0),
    close: () => stop(server),
  };
}

async function readCall(request: IncomingMessage): Promise<HttpCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url: path = '' } = request;
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { method, path, headers, body: Buffer.concat(chunks) };
}

function send(response: ServerResponse, { status, headers, body }: HttpReply): void {
  response.writeHead(status, headers).end(body);
}

function sendHalf(response: ServerResponse, { status, headers, body }: HttpReply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}

async function stop(server: Server): Promise<void> {
  const stopped = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await stopped;
}
