// Owns a Git server on loopback: git's own http-backend behind HTTP basic authentication, which can be told to misbehave.
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers in place of the server, unless it returns `as usual`. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface GitServer {
  readonly url: string;
  /** `authorization` of each question, in order. */
  readonly shown: readonly (string | undefined)[];
  /** What must be shown; `null`: nothing. */
  credentials: string | null;
  misbehave(how: Misbehaviour | null): void;
  /** Resolves at the next question. */
  asked(): Promise<IncomingMessage>;
  close(): Promise<void>;
}

/** Serves `policies.git` of the folder. */
export async function startGitServer(folder: string): Promise<GitServer> {
  const shown: (string | undefined)[] = [];
  let misbehaviour: Misbehaviour | null = null;
  let question = Promise.withResolvers<IncomingMessage>();
  const server = createServer((request, response) => {
    shown.push(request.headers.authorization);
    question.resolve(request);
    question = Promise.withResolvers();
    if (misbehaviour !== null && misbehaviour(request, response) !== 'as usual') return;
    const wanted = state.credentials === null ? null : `Basic ${Buffer.from(state.credentials).toString('base64')}`;
    if (wanted !== null && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="policies"' }).end();
    } else backend(folder, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const state: GitServer = {
    url: `http://127.0.0.1:${port}/policies.git`,
    shown,
    credentials: null,
    misbehave(how) {
      misbehaviour = how;
    },
    asked: () => question.promise,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return state;
}

/** CGI: RFC 3875. */
function backend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const header = (name: string) => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: header('git-protocol'),
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: header('content-length') }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head: Buffer = Buffer.alloc(0);
  child.stdout.on('data', (part: Buffer) => {
    if (response.headersSent) return void response.write(part);
    head = Buffer.concat([head, part]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const lines = head.subarray(0, end).toString().split('\r\n');
    const fields = lines.map((line) => line.split(/: */, 2) as [string, string]);
    const status = fields.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields));
    response.write(head.subarray(end + 4));
  });
  child.stdout.on('end', () => response.end());
}
