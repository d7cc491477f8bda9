// Owns one question to a bundle server and its whole answer: bounded in size and time, and never redirected.

import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { LARGEST_ARCHIVE } from '../../state/contract/policy-store.ts';
import { codeOf } from './read-bounded.ts';
import { remoteText } from './remote-text.ts';

export interface Question {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM; only for https. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  /** The server may take this long before it answers at all. */
  readonly waitMs: number;
}

export interface Bounds {
  readonly largest: number;
  /** Without a byte, once the answer has begun. */
  readonly silenceMs: number;
  /** For the whole answer, once it has begun. */
  readonly answerMs: number;
}

export const HTTP_BOUNDS: Bounds = { largest: LARGEST_ARCHIVE, silenceMs: 15_000, answerMs: 120_000 };

export interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly contentType: string;
  /** When it began, by performance.now(). */
  readonly begunAt: number;
  /** Empty, unless the status is 200. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Throws an Error that says what is wrong with the answer, or the signal's reason. Quotes no header that was sent. */
export async function ask(question: Question, bounds: Bounds, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const timer = setTimeout(
    () => ending.abort(late(`did not answer within ${question.waitMs / 1000} s`)),
    question.waitMs,
  );
  const end = (error: Error) => ending.abort(error);
  const either = AbortSignal.any([signal, ending.signal]);
  let sent: ClientRequest | null = null;
  try {
    const { request, response } = send(question, either);
    sent = request;
    const message = await response;
    clearTimeout(timer);
    const answer = headOf(message);
    if (answer.status !== 200) return answer;
    return { ...answer, body: await bodyOf(message, bounds, end) };
  } catch (error) {
    either.throwIfAborted();
    throw new Error(sentenceFor(error));
  } finally {
    clearTimeout(timer);
    sent?.destroy();
  }
}

function late(what: string): Error {
  return new Error(`the server ${what}`);
}

function send({ url, headers, tls }: Question, signal: AbortSignal) {
  const secure = url.protocol === 'https:';
  // A connection of its own for each question: certificates and addresses are those of now.
  const common = { method: 'GET', headers, agent: false, signal } as const;
  const request = secure
    ? httpsRequest(url, { ...common, ...tls, rejectUnauthorized: true })
    : httpRequest(url, common);
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  request.end();
  return { request, response };
}

function headOf({ statusCode, headers }: IncomingMessage): Answer {
  return {
    status: statusCode ?? 0,
    etag: headers.etag ?? null,
    contentType: (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    begunAt: performance.now(),
    body: new Uint8Array(),
  };
}

async function bodyOf(message: IncomingMessage, bounds: Bounds, end: (error: Error) => void) {
  const promised = promisedLength(message, bounds.largest);
  const whole = setTimeout(
    () => end(late(`took longer than ${bounds.answerMs / 1000} s to send the bundle`)),
    bounds.answerMs,
  );
  const silent = () => end(late(`sent nothing for ${bounds.silenceMs / 1000} s in the middle of the bundle`));
  let silence = setTimeout(silent, bounds.silenceMs);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of message) {
      if (!(part instanceof Uint8Array)) throw new Error('the answer is text where bytes belong');
      clearTimeout(silence);
      silence = setTimeout(silent, bounds.silenceMs);
      length += part.length;
      if (length > bounds.largest)
        throw new Error(`the bundle has more than ${bounds.largest} bytes, which are the most that are read`);
      parts.push(part);
    }
  } finally {
    clearTimeout(whole);
    clearTimeout(silence);
  }
  if (!message.complete || (promised !== null && promised !== length)) {
    throw new Error(`the answer ended after ${length} of ${promised ?? 'its'} bytes`);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** `null`: it comes in chunks, the last of which says that it is. */
function promisedLength({ headers }: IncomingMessage, largest: number): number | null {
  const text = headers['content-length'];
  if (text === undefined) {
    if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return null;
    throw new Error('the answer has neither Content-Length nor chunks, so that half of it would look like all of it');
  }
  const length = Number(text);
  if (length > largest) throw new Error(`the bundle has ${remoteText(text)} bytes; at most ${largest} are read`);
  return length;
}

function sentenceFor(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ECONNRESET') return 'the connection broke before the answer was complete';
  if (error instanceof Error) return remoteText(code === String(error) ? error.message : `${error.message} (${code})`);
  return 'the answer cannot be read';
}
