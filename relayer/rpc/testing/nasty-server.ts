// Owns an HTTP server for tests that answers whatever it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isRecord, parseExactJson } from '../../json-exact.ts';

/** A parsed call and how to answer it. */
export type Behaviour = (call: Readonly<Record<string, unknown>>, response: ServerResponse) => void;

export interface NastyServer {
  readonly url: string;
  /** Calls that arrived, oldest first. */
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  behave: (behaviour: Behaviour) => void;
  close: () => Promise<void>;
}

export async function startNastyServer(): Promise<NastyServer> {
  const calls: Readonly<Record<string, unknown>>[] = [];
  let current: Behaviour = answerResult(null);
  const server = createServer((request, response) => {
    void readCall(request).then((call) => {
      calls.push(call);
      current(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    behave: (behaviour) => {
      current = behaviour;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers every call with a result. */
export function answerResult(result: unknown): Behaviour {
  return ({ id }, response) => response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

/** Answers every call with an error. */
export function answerError(error: unknown): Behaviour {
  return ({ id }, response) => response.end(JSON.stringify({ jsonrpc: '2.0', id, error }));
}

/** Answers with this text, `ID` replaced by the id of the call. */
export function answerText(text: string, status = 200): Behaviour {
  return ({ id }, response) => {
    response.statusCode = status;
    response.end(text.replace('ID', String(id)));
  };
}

/** What goes wrong on the way: each must be an outage to whoever asks. */
export const OUTAGES: readonly (readonly [string, Behaviour])[] = [
  ['never answers', () => undefined],
  ['closes the connection', (_call, response) => response.destroy()],
  [
    'breaks off in the middle',
    (_call, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('{"jsonrpc":"2.0"', () => response.destroy());
    },
  ],
  ['answers 500', answerText('{"jsonrpc":"2.0","id":ID,"result":1}', 500)],
  ['answers 429', answerText('slow down', 429)],
  [
    'redirects',
    (_call, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    },
  ],
  ['answers HTML', answerText('<html>welcome</html>')],
  ['answers nothing', answerText('')],
  ['answers truncated JSON', answerText('{"jsonrpc":"2.0","id":ID,"result":{"con')],
  ['answers JSON nested too deeply', answerText(`{"jsonrpc":"2.0","id":ID,"result":${'['.repeat(100_000)}`)],
  ['answers another call', answerText('{"jsonrpc":"2.0","id":"ID","result":1}')],
  ['answers without a version', answerText('{"id":ID,"result":1}')],
  ['answers neither a result nor an error', answerText('{"jsonrpc":"2.0","id":ID}')],
  [
    'answers both a result and an error',
    answerText('{"jsonrpc":"2.0","id":ID,"result":1,"error":{"code":1,"message":""}}'),
  ],
  ['answers an error without a code', answerText('{"jsonrpc":"2.0","id":ID,"error":{"message":"no"}}')],
  ['answers an array', answerText('[{"jsonrpc":"2.0","id":ID,"result":1}]')],
  ['answers more than it may', answerText(`{"jsonrpc":"2.0","id":ID,"result":"${'x'.repeat(20_000_000)}"}`)],
  [
    'answers more than it may without end',
    (_call, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    },
  ],
];

async function readCall(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const call = parseExactJson(Buffer.concat(chunks).toString());
  if (!isRecord(call)) throw new Error('the call is no JSON object');
  return call;
}
