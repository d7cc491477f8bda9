// Owns how gRPC lies on HTTP/2, for a fake that must be able to break every part of it.
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import type { status } from '@grpc/grpc-js';
import { RetryInfoSchema, StatusSchema } from '../../../proto/gen/google/rpc/status_pb.ts';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };

/** What a client of gRPC got wrong; `null`: nothing. */
export function wrongHeaders(headers: IncomingHttpHeaders): string | null {
  if (headers[':method'] !== 'POST') return 'the method is not POST';
  if (!/^application\/grpc(\+proto)?$/.test(headers['content-type'] ?? '')) return 'the content type is not of gRPC';
  if (headers.te !== 'trailers') return 'te is not trailers';
  if (!/^[0-9]{1,8}[HMSmun]$/.test(String(headers['grpc-timeout']))) return 'there is no deadline';
  return null;
}

/** The one message of a unary call. Rejects where there is not exactly one, or it is compressed. */
export async function readMessage(stream: ServerHttp2Stream): Promise<Uint8Array> {
  const body = Buffer.concat(await Array.fromAsync(stream));
  if (body[0] !== 0 || body.length < 5 || body.readUInt32BE(1) !== body.length - 5) throw new Error('not one message');
  return body.subarray(5);
}

export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export function answer<D extends DescMessage>(stream: ServerHttp2Stream, type: D, message: MessageShape<D>): void {
  answerBytes(stream, toBinary(type, message));
}

export function answerBytes(stream: ServerHttp2Stream, message: Uint8Array): void {
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(frame(message));
}

/** Begins an answer and does not end it. */
export function answerHalf(stream: ServerHttp2Stream, sent: () => void): void {
  stream.respond(HEADERS);
  stream.write(frame(Buffer.alloc(66)).subarray(0, 20), sent);
}

/** As servers tell it: with the headers, without a body. */
export function answerStatus(stream: ServerHttp2Stream, code: status, message: string, retryAfterMs?: number): void {
  const details =
    retryAfterMs === undefined ? {} : { 'grpc-status-details-bin': statusDetails(code, message, retryAfterMs) };
  const trailers = { 'grpc-status': String(code), 'grpc-message': encodeURI(message), ...details };
  stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
}

function statusDetails(code: status, message: string, retryAfterMs: number): string {
  const retryDelay = durationFromMs(retryAfterMs);
  const details = [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay }))];
  return Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message, details }))).toString('base64');
}
