import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BundleSource, FetchedBundle } from './bundle-source.ts';
import { type HttpSourceOptions, openHttpSource } from './http-source.ts';
import { type BundleServer, startBundleServer } from './testing/bundle-server.ts';

let server: BundleServer;
let source: BundleSource;

const open = (more: Partial<HttpSourceOptions> = {}) => {
  source = openHttpSource({
    kind: 'http',
    url: server.url,
    longPollSeconds: 30,
    pollIntervalMs: 200,
    tokenFile: null,
    client: null,
    caFile: null,
    ...more,
  });
};

beforeEach(async () => {
  server = await startBundleServer();
  open();
});

afterEach(async () => {
  await source.close();
  await server.close();
});

const never = () => new AbortController().signal;
const next = (last: FetchedBundle | null = null, signal = never()) => source.next(last, signal);

function textOf({ content }: FetchedBundle): string {
  if (content.kind !== 'archive') throw new Error('a bundle server brings archives');
  return Buffer.from(content.archive).toString();
}

describe('a bundle server as source', () => {
  it('brings the bundle under its ETag', async () => {
    const bundle = await next();
    expect(bundle).toMatchObject({ token: '"1"', gitCommit: null, builtHere: false });
    expect(textOf(bundle)).toBe('first');
    expect(server.questions).toHaveLength(1);
    expect(server.questions[0]).toMatchObject({ prefer: 'modes=snapshot', 'accept-encoding': 'identity' });
    expect(server.questions[0]).not.toHaveProperty('if-none-match');
  });

  it('lets the server wait for the next one, and has it at once, whatever the interval is', async () => {
    open({ pollIntervalMs: 3_600_000 });
    const first = await next();
    const coming = next(first);
    await server.asked(2);
    expect(server.questions[1]).toMatchObject({ prefer: 'modes=snapshot;wait=30', 'if-none-match': '"1"' });
    server.publish('second');
    const published = performance.now();
    expect(textOf(await coming)).toBe('second');
    expect(performance.now() - published).toBeLessThan(300);
    expect(server.questions).toHaveLength(2);
  });

  it('asks a server that does not wait again and again, never faster than it may', async () => {
    server.canWait = false;
    const first = await next();
    const started = performance.now();
    const coming = next(first);
    await server.asked(4);
    // Three questions, each at least 80 % of 200 ms after the one before.
    expect(performance.now() - started).toBeGreaterThan(3 * 160 - 20);
    server.publish('second');
    expect(textOf(await coming)).toBe('second');
  });

  it('does not ask for a wait where none is wanted', async () => {
    open({ longPollSeconds: 0 });
    const coming = next(await next(), AbortSignal.timeout(400));
    await server.asked(2);
    expect(server.questions[1]).toMatchObject({ prefer: 'modes=snapshot' });
    await expect(coming).rejects.toThrow('timeout');
  });

  it('knows a bundle by its content where the server has no ETags', async () => {
    server.misbehave((_, response) => response.setHeader('content-type', 'application/gzip').end('same'));
    const first = await next();
    expect(first.token).toMatch(/^sha256:[0-9a-f]{64}$/);
    const coming = next(first);
    await server.asked(3);
    server.misbehave((_, response) => response.setHeader('content-type', 'application/gzip').end('other'));
    expect(textOf(await coming)).toBe('other');
    expect(server.questions[1]).not.toHaveProperty('if-none-match');
  });

  it('ends with the reason of the signal in the middle of a long poll, and when it is closed', async () => {
    const first = await next();
    const ending = new AbortController();
    const coming = next(first, ending.signal);
    await server.asked(2);
    ending.abort(new Error('enough'));
    await expect(coming).rejects.toThrow('enough');
    const other = next(first);
    await server.asked(3);
    await source.close();
    await expect(other).rejects.toThrow('the source was closed');
  });
});

describe('the token for a bundle server', () => {
  let folder: string;
  let tokenFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-http-source-'));
    tokenFile = join(folder, 'token');
    open({ tokenFile });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read anew at each question', async () => {
    server.token = 'one';
    await writeFile(tokenFile, 'one\n');
    const first = await next();
    server.token = 'two';
    server.publish('second');
    await expect(next(first)).rejects.toThrow('the server answered 401: the token or certificate');
    await writeFile(tokenFile, 'two');
    expect(textOf(await next(first))).toBe('second');
  });

  it.each(['', 'a b', 'one\ntwo', 'one\r\nx-admin: 1', 'é'])('is never sent when the file holds %j', async (text) => {
    await writeFile(tokenFile, text);
    await expect(next()).rejects.toThrow(`${tokenFile} must hold a token`);
    expect(server.questions).toHaveLength(0);
  });

  it('stands in no message, whatever the server does with it', async () => {
    await writeFile(tokenFile, 'hidden-word');
    server.misbehave(({ headers }, response) => {
      response.writeHead(403, String(headers.authorization), { location: `/${headers.authorization}` });
      response.end(headers.authorization);
    });
    const error = await next().catch((reason: unknown) => reason);
    expect(String(error)).toContain('answered 403');
    expect(`${source.label} ${String(error)} ${error instanceof Error ? error.stack : ''}`).not.toContain(
      'hidden-word',
    );
  });
});

describe('an answer that is no bundle', () => {
  const gzip = { 'content-type': 'application/gzip' };

  it.each<[string, number, string]>([
    ['a redirect', 302, 'redirects are not followed: name the URL that it leads to'],
    ['a permanent redirect', 308, 'redirects are not followed'],
    ['an error', 500, 'the server answered 500 where it should answer 200 with a bundle'],
    ['something else', 404, 'the server answered 404'],
    ['a part', 206, 'the server answered 206'],
    ['"unchanged", when nothing is known here', 304, 'the server answered 304'],
  ])('is refused: %s', async (_, status, message) => {
    server.misbehave((__, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end());
    await expect(next()).rejects.toThrow(message);
    expect(server.questions).toHaveLength(1);
  });

  it('is refused when it is a page', async () => {
    server.misbehave((_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end('<html>'));
    await expect(next()).rejects.toThrow('the answer is "text/html"; a bundle is application/gzip');
  });

  it('is refused when half of it came', async () => {
    server.misbehave((_, response) => {
      response.writeHead(200, { ...gzip, 'content-length': 1000 });
      response.write('half', () => response.destroy());
    });
    await expect(next()).rejects.toThrow('the connection broke before the answer was complete');
    server.misbehave((_, response) => {
      response.writeHead(200, gzip);
      response.write('half', () => response.destroy());
    });
    await expect(next()).rejects.toThrow('the connection broke before the answer was complete');
  });

  it('is refused when nobody could tell whether it is all', async () => {
    server.misbehave((request) => request.socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\n\r\nhalf'));
    await expect(next()).rejects.toThrow('the answer has neither Content-Length nor chunks');
  });

  it('is refused before it is read when it says that it is too large, and as soon as it is', async () => {
    open({ bounds: { largest: 1_000, silenceMs: 5_000, answerMs: 5_000 } });
    server.misbehave((_, response) => response.writeHead(200, { ...gzip, 'content-length': 1001 }).write('x'));
    await expect(next()).rejects.toThrow('the bundle has 1001 bytes; at most 1000 are read');
    server.misbehave((_, response) => {
      response.writeHead(200, gzip);
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(100), () => setImmediate(more));
      };
      more();
    });
    await expect(next()).rejects.toThrow('the bundle has more than 1000 bytes');
  });

  it.each<[string, (answer: import('node:http').ServerResponse) => void, string]>([
    ['says nothing', () => {}, 'the server did not answer within 0.2 s'],
    ['falls silent', (answer) => answer.writeHead(200, gzip).write('x'), 'the server sent nothing for 0.2 s'],
    [
      'goes on for ever, a little at a time',
      (answer) => {
        answer.writeHead(200, gzip);
        const timer = setInterval(() => answer.write('x'), 20);
        answer.on('close', () => clearInterval(timer));
      },
      'the server took longer than 0.6 s to send the bundle',
    ],
  ])('is given up when the server %s', async (_, how, message) => {
    open({ thinkingMs: 200, bounds: { largest: 1_000_000, silenceMs: 200, answerMs: 600 } });
    server.misbehave((__, response) => how(response));
    await expect(next()).rejects.toThrow(message);
    server.misbehave(null);
    expect(textOf(await next())).toBe('first');
  });

  it('is no answer at all when it is not HTTP, or nobody listens', async () => {
    server.misbehave((request) => request.socket.end('\u0000\u001b[31mnot http\r\n\r\n'));
    await expect(next()).rejects.toThrow(/^http http:\/\/127\.0\.0\.1:\d+\/policies\.tar\.gz: [\x20-\x7e]+$/);
    await server.close();
    await expect(next()).rejects.toThrow('ECONNREFUSED');
  });

  it('does not make it ask faster when each bundle is another one', async () => {
    let count = 0;
    server.misbehave((_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/vnd.openpolicyagent.bundles', etag: `"${++count}"` })
        .end(`${count}`),
    );
    const started = performance.now();
    let last: FetchedBundle | null = null;
    for (let n = 0; n < 4; n++) last = await next(last);
    expect(performance.now() - started).toBeGreaterThan(3 * 100 - 20);
  });
});
