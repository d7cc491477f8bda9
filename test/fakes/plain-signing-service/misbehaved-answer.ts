// Owns how the plain signing service answers a call that asks for a signature, rightly or wrongly.
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { assertNever } from '../../../gateway/core/assert-never.ts';
import type { SignerMisbehaviour } from '../misbehaviour.ts';

export const RETRY_AFTER_SECONDS = 7;
const SLOW_MS = 400;
const HUGE_BYTES = 20_000_000;

export interface AskedOfService {
  readonly response: ServerResponse;
  readonly messageBytes: Uint8Array;
  readonly key: KeyObject;
  /** Makes a signature, and counts it. */
  readonly sign: (messageBytes: Uint8Array, key: KeyObject) => Uint8Array;
  /** As the caller gave it: the service repeats it in what goes wrong, as careless ones do. */
  readonly authorization: string;
}

export function answerJson({ response }: Pick<AskedOfService, 'response'>, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function answerAs(how: SignerMisbehaviour | null, asked: AskedOfService): void {
  const { response, messageBytes, key, sign, authorization } = asked;
  const signed = (signature: Uint8Array): void =>
    answerJson(asked, 200, { signature: Buffer.from(signature).toString('hex') });
  const failed = (status: number, error: string): void => answerJson(asked, status, { error });
  switch (how) {
    case null:
      signed(sign(messageBytes, key));
      return;
    case 'slow':
      setTimeout(() => signed(sign(messageBytes, key)), SLOW_MS);
      return;
    case 'hangs':
      return;
    case 'away':
      response.destroy();
      return;
    case 'rate_limited':
      response.setHeader('retry-after', String(RETRY_AFTER_SECONDS));
      failed(429, `too many requests with ${authorization}`);
      return;
    case 'server_error':
      failed(500, `fault\u0007 while serving ${authorization}\r\n${'at line '.repeat(200)}`);
      return;
    case 'truncated':
      response.writeHead(200, { 'content-length': '500' }).write('{"signature": "');
      setImmediate(() => response.destroy());
      return;
    case 'nonsense':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<html>\u0000${authorization} is welcome at the\u001b[31m proxy ${'.'.repeat(5_000)}`);
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"signature": "${'0'.repeat(HUGE_BYTES)}"}`);
      return;
    case 'wrong_signature':
      signed(randomBytes(64));
      return;
    case 'other_message':
      signed(sign(Buffer.concat([messageBytes, Buffer.of(0)]), key));
      return;
    case 'other_key':
      signed(sign(messageBytes, generateKeyPairSync('ed25519').privateKey));
      return;
    case 'no_signature':
      answerJson(asked, 200, {});
      return;
    case 'refuses':
      failed(403, `the policy of ${authorization} forbids it`);
      return;
    case 'wrong_credentials':
      failed(401, `${authorization} is not known`);
      return;
    case 'signs_and_is_lost':
      sign(messageBytes, key);
      response.destroy();
      return;
    default:
      assertNever(how);
  }
}
