// Owns a bundle server as source, by OPA's protocol (openpolicyagent.org, "Bundle Service API"): ETags, and long polling where the
// server can.
import type { BundleSource, FetchedBundle, LastBundle } from './bundle-source.ts';
import { tokenOf } from './content-token.ts';
import { type Answer, ask, type Bounds, HTTP_BOUNDS } from './http-exchange.ts';
import { createPace, secondsSince } from './pace.ts';
import { readBounded } from './read-bounded.ts';
import type { HttpSourceConfig } from './source-config.ts';
import { readToken } from './token-file.ts';

/** What a server that waits calls its bundles. */
const LONG_POLL_TYPE = 'application/vnd.openpolicyagent.bundles';
const TYPES: readonly string[] = [
  LONG_POLL_TYPE,
  'application/gzip',
  'application/x-gzip',
  'application/tar+gzip',
  'application/x-tar',
  'application/x-gtar',
  'application/octet-stream',
  'binary/octet-stream',
  '',
];
/** A server that waits is asked again this soon after it brought a bundle: the next may be there already. */
const SOON_MS = 100;
/** How long a server may think, beside what it was asked to wait. */
const THINKING_MS = 15_000;
const LARGEST_PEM = 1024 * 1024;

export interface HttpSourceOptions extends HttpSourceConfig {
  readonly bounds?: Bounds;
  readonly thinkingMs?: number;
}

export function openHttpSource(options: HttpSourceOptions): BundleSource {
  const url = new URL(options.url);
  const label = `http ${url.origin}${url.pathname}`;
  const pace = createPace(options.pollIntervalMs);
  const closing = new AbortController();

  async function question(last: LastBundle | null) {
    const { longPollSeconds, tokenFile, thinkingMs = THINKING_MS } = options;
    const wait = last === null || longPollSeconds === 0 ? '' : `;wait=${longPollSeconds}`;
    const headers = {
      accept: TYPES.slice(0, 2).join(', '),
      'accept-encoding': 'identity',
      'user-agent': 'countersign',
      prefer: `modes=snapshot${wait}`,
      ...(last !== null && isEtag(last.token) ? { 'if-none-match': last.token } : {}),
      ...(tokenFile === null ? {} : { authorization: `Bearer ${await readToken(tokenFile)}` }),
    };
    const waitMs = thinkingMs + (wait === '' ? 0 : longPollSeconds * 1000);
    return { url, headers, tls: await tlsOf(options), waitMs };
  }

  async function round(last: LastBundle | null, signal: AbortSignal): Promise<FetchedBundle | null> {
    const asked = performance.now();
    const answer = await ask(await question(last), options.bounds ?? HTTP_BOUNDS, signal);
    const waits = answer.contentType === LONG_POLL_TYPE;
    // Who was not told what is known here cannot know that it is still so.
    const unchanged = answer.status === 304 && last !== null && isEtag(last.token);
    const bundle = unchanged ? null : await bundleOf(answer, secondsSince(answer.begunAt));
    const isNew = bundle !== null && bundle.token !== last?.token;
    const waited = performance.now() - asked > options.pollIntervalMs;
    if (waits && (isNew || waited)) pace.hasten(SOON_MS);
    return isNew ? bundle : null;
  }

  return {
    origin: 'http',
    label,
    async next(last, signal) {
      const either = AbortSignal.any([signal, closing.signal]);
      for (;;) {
        await pace.turn(either);
        const bundle = await round(last, either).catch((error: unknown) => {
          either.throwIfAborted();
          throw new Error(`${label}: ${error instanceof Error ? error.message : 'it cannot be asked'}`);
        });
        if (bundle !== null) return bundle;
      }
    },
    async close() {
      closing.abort(new Error('the source was closed'));
    },
  };
}

async function tlsOf({ caFile, client }: HttpSourceConfig) {
  const pem = async (file: string) => Buffer.from(await readBounded(file, LARGEST_PEM));
  return {
    ...(caFile === null ? {} : { ca: await pem(caFile) }),
    ...(client === null ? {} : { cert: await pem(client.certFile), key: await pem(client.keyFile) }),
  };
}

/** RFC 9110, section 8.8.3. What is none must not become a header. */
function isEtag(token: string): boolean {
  return /^(?:W\/)?"[\x21\x23-\x7e]{0,1024}"$/.test(token);
}

/** Throws an Error that says what is wrong with an answer that is no bundle. */
async function bundleOf({ status, contentType, etag, body }: Answer, seconds: number): Promise<FetchedBundle> {
  if (status !== 200) throw new Error(whyRefused(status));
  if (!TYPES.includes(contentType)) {
    throw new Error(`the answer is ${JSON.stringify(contentType.slice(0, 100))}; a bundle is ${TYPES[1]}`);
  }
  const content = { kind: 'archive', archive: body } as const;
  const token = etag !== null && isEtag(etag) ? etag : await tokenOf(content);
  return { token, content, gitCommit: null, builtHere: false, seconds };
}

function whyRefused(status: number): string {
  const answered = `the server answered ${status}`;
  if (status === 401 || status === 403) return `${answered}: the token or certificate that it was shown does not do`;
  if (status >= 300 && status < 400) return `${answered}; redirects are not followed: name the URL that it leads to`;
  return `${answered} where it should answer 200 with a bundle, or 304`;
}
