// Owns the plainest signing service over HTTP that can misbehave in every way: what the suites of signers are themselves tested with.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import * as z from 'zod';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import type { RemoteService } from '../../conformance/remote-signer.ts';
import type { SignerMisbehaviour } from '../misbehaviour.ts';
import { answerAs, answerJson } from './misbehaved-answer.ts';

export interface PlainSigningService extends RemoteService {
  readonly url: string;
  readonly token: string;
  /** Base58. */
  readonly address: string;
}

const signRequest = z.object({ message: z.string(), idempotency_key: z.string() });

/**
 * `POST /sign {"message": hex, "idempotency_key"}` → `{"signature": hex}`; `GET /key` → `{"address"}`; both with a bearer token. Errors are
 * `{"error"}` with 401 (token), 403 (refused), 429 with Retry-After, 500.
 */
export async function startPlainSigningService(): Promise<PlainSigningService> {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const token = randomBytes(24).toString('base64url');
  const address = base58FromBytes(publicKeyBytes(key));
  const counts = { calls: 0, signatures: 0 };
  let wrong: { readonly how: SignerMisbehaviour | null; readonly times: number } = { how: null, times: 0 };
  const takeWrong = (): SignerMisbehaviour | null => {
    const { how, times } = wrong;
    wrong = { how, times: times - 1 };
    return times > 0 ? how : null;
  };
  const signCounted = (messageBytes: Uint8Array, by: KeyObject): Uint8Array => {
    counts.signatures += 1;
    return sign(null, messageBytes, by);
  };
  const { server, end } = trackedServer(async (request, response) => {
    const { authorization = '' } = request.headers;
    const isKnown = authorization === `Bearer ${token}` && !(wrong.how === 'wrong_credentials' && wrong.times > 0);
    if (request.url === '/key') {
      return isKnown
        ? answerJson({ response }, 200, { address })
        : answerAs('wrong_credentials', { response, messageBytes: Buffer.of(), key, sign: signCounted, authorization });
    }
    const { message } = signRequest.parse(JSON.parse(await bodyOf(request)));
    counts.calls += 1;
    const asked = { response, messageBytes: Buffer.from(message, 'hex'), key, sign: signCounted, authorization };
    answerAs(isKnown ? takeWrong() : 'wrong_credentials', asked);
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    address,
    secrets: [token],
    signCalls: () => counts.calls,
    signatures: () => counts.signatures,
    misbehave: async (how, times = 1) => {
      wrong = { how, times: how === null ? 0 : times };
      if (how === 'away') await end();
      else if (!server.listening) await listen(server, port);
    },
    close: end,
  };
}

function trackedServer(serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>): {
  readonly server: Server;
  readonly end: () => Promise<void>;
} {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { server, end };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const bound = server.address();
      if (typeof bound === 'object' && bound !== null) resolve(bound.port);
    });
  });
}
