// Owns how the fake of SignerService answers a call of Sign, rightly or wrongly.
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { ServerHttp2Stream } from 'node:http2';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { assertNever } from '../../../gateway/core/assert-never.ts';
import { SignResponseSchema } from '../../../proto/gen/countersign/signer/v1/signer_pb.ts';
import type { SignerMisbehaviour } from '../misbehaviour.ts';
import { answer, answerBytes, answerHalf, answerStatus } from './grpc-wire.ts';

export const RETRY_AFTER_MS = 7_000;
const SLOW_MS = 400;
const HUGE_BYTES = 20_000_000;

export interface AskedOfService {
  readonly stream: ServerHttp2Stream;
  readonly messageBytes: Uint8Array;
  readonly key: KeyObject;
  /** Makes a signature, and counts it. */
  readonly sign: (messageBytes: Uint8Array, key: KeyObject) => Uint8Array;
}

export function answerAs(how: SignerMisbehaviour | null, { stream, messageBytes, key, sign }: AskedOfService): void {
  const signed = (signature: Uint8Array): void =>
    answer(stream, SignResponseSchema, create(SignResponseSchema, { signature }));
  switch (how) {
    case null:
      signed(sign(messageBytes, key));
      return;
    case 'slow':
      setTimeout(() => {
        if (!stream.closed) signed(sign(messageBytes, key));
      }, SLOW_MS);
      return;
    case 'hangs':
    // The service itself does these two to every connection.
    case 'away':
    case 'wrong_credentials':
      return;
    case 'rate_limited':
      answerStatus(stream, status.RESOURCE_EXHAUSTED, 'too many requests', RETRY_AFTER_MS);
      return;
    case 'server_error':
      answerStatus(stream, status.INTERNAL, `fault\u0007 in the module\r\n${'at line '.repeat(200)}`);
      return;
    case 'truncated':
      answerHalf(stream, () => stream.session?.destroy());
      return;
    case 'nonsense':
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end(`<html>\u0000welcome at the\u001b[31m proxy ${'.'.repeat(5_000)}`);
      return;
    case 'huge':
      answerBytes(stream, Buffer.alloc(HUGE_BYTES));
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
      signed(new Uint8Array());
      return;
    case 'refuses':
      answerStatus(stream, status.PERMISSION_DENIED, 'the rules of this signer forbid it');
      return;
    case 'signs_and_is_lost':
      sign(messageBytes, key);
      stream.session?.destroy();
      return;
    default:
      assertNever(how);
  }
}
