// Owns a signer that asks the plain signing service: one attempt a call, as a backend of the gateway makes it.
import * as z from 'zod';
import { cleanText } from '../../../net/endpoint.ts';
import { createHttpClient, type HttpAnswer } from '../../../net/http-client.ts';
import type { SignContext, Signer, SignerCheck, SignResult } from '../../../signers/signer.ts';
import type { PlainSigningService } from './service.ts';

const MAX_ANSWER_BYTES = 65_536;
const TIMEOUT_MS = 30_000;

const signedAnswer = z.object({ signature: z.string().regex(/^[0-9a-f]{128}$/) });
const errorAnswer = z.object({ error: z.string() });

export function createPlainSigner(service: PlainSigningService, repeatable: boolean): Signer {
  const { token, address } = service;
  const http = createHttpClient({ timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_ANSWER_BYTES, repeatStale: repeatable });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  let isClosed = false;
  const ask = (path: string, body: string | null, signal: AbortSignal): Promise<HttpAnswer> =>
    http.call({ method: body === null ? 'GET' : 'POST', url: new URL(path, service.url), headers, body }, signal);
  return {
    name: 'plain',
    backend: 'plain',
    address,
    custody: 'remote',
    repeatable,
    sign: async (messageBytes, context) => {
      const notNow = isClosed ? 'the signer is closed' : reasonNotToAsk(context);
      if (notNow !== null) return { kind: 'unavailable', reason: notNow, ambiguous: false };
      if (messageBytes.length === 0) return { kind: 'refused', reason: 'an empty message is never signed' };
      const message = Buffer.from(messageBytes).toString('hex');
      const body = JSON.stringify({ message, idempotency_key: context.idempotencyKey });
      return resultOf(await ask('/sign', body, context.signal), token);
    },
    check: async (signal) => checkOf(await ask('/key', null, signal), token),
    close: async () => {
      isClosed = true;
      http.close();
    },
  };
}

function reasonNotToAsk({ signal, deadline }: SignContext): string | null {
  if (signal.aborted) return 'the call was aborted before anything was sent';
  return Date.now() < deadline ? null : 'the deadline passed before anything was sent';
}

function resultOf(answer: HttpAnswer, token: string): SignResult {
  if (answer.kind === 'lost') return { kind: 'unavailable', reason: answer.reason, ambiguous: answer.mayHaveArrived };
  const { status, body, headers } = answer;
  if (status === 200) {
    const read = signedAnswer.safeParse(jsonOf(body));
    if (read.success) return { kind: 'signed', signature: Buffer.from(read.data.signature, 'hex') };
    return { kind: 'unavailable', reason: `no signature in: ${cleanText(body, [token])}`, ambiguous: true };
  }
  const reason = `status ${status}: ${errorIn(body, token)}`;
  if (status === 403) return { kind: 'refused', reason };
  const seconds = Number(headers['retry-after']);
  const retry = Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
  if (status === 429) return { kind: 'unavailable', reason, ambiguous: false, cause: 'throttled', ...retry };
  return { kind: 'unavailable', reason, ambiguous: status !== 401, ...retry };
}

function checkOf(answer: HttpAnswer, token: string): SignerCheck {
  if (answer.kind === 'lost') return { kind: 'failed', field: null, reason: answer.reason };
  if (answer.status === 200) return { kind: 'ready', detail: 'the key is there' };
  return { kind: 'failed', field: 'token_file', reason: `status ${answer.status}: ${errorIn(answer.body, token)}` };
}

function errorIn(body: string, token: string): string {
  const read = errorAnswer.safeParse(jsonOf(body));
  return cleanText(read.success ? read.data.error : body, [token]);
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
