// Owns the way from a client to a gateway: one channel, typed calls, the API key on each.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { type ChannelCredentials, Client, type ClientWritableStream, credentials, Metadata } from '@grpc/grpc-js';
import { isLoopback, parseListenAddress } from '../rpc/listen-address.ts';
import { gatewayFault } from './gateway-fault.ts';

export interface ConnectionOptions {
  /** `host:port`. */
  readonly address: string;
  /** `null`: call without one. */
  readonly apiKey: string | null;
  /** PEM of the authority that signed the gateway's certificate; `null`: those that Node trusts. */
  readonly caFile: string | null;
  /** Cancels every call. */
  readonly signal?: AbortSignal;
}

interface MethodOf<K, I extends DescMessage, O extends DescMessage> {
  readonly methodKind: K;
  readonly name: string;
  readonly parent: { readonly typeName: string };
  readonly input: I;
  readonly output: O;
}

export interface Connection {
  /** Rejects with a {@link GatewayFault}. */
  unary<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<'unary', I, O>,
    request: MessageInitShape<I>,
    options?: { readonly signal?: AbortSignal; readonly deadlineMs?: number },
  ): Promise<MessageShape<O>>;
  /** Throws a {@link GatewayFault} while it is read. Leaving the loop ends the call. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<'server_streaming', I, O>,
    request: MessageInitShape<I>,
  ): AsyncIterable<MessageShape<O>>;
  /** Sends the parts as fast as the gateway takes them. Rejects with a {@link GatewayFault}. */
  upload<I extends DescMessage, O extends DescMessage>(
    method: MethodOf<'client_streaming', I, O>,
    parts: Iterable<MessageInitShape<I>>,
  ): Promise<MessageShape<O>>;
  close(): void;
}

const DEFAULT_DEADLINE_MS = 60_000;

/** Does not connect yet. Throws when the address is not one or a file cannot be read. */
export function openConnection(options: ConnectionOptions): Connection {
  const client = new Client(options.address, channelCredentials(options), {
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
  });
  const metadata = () => {
    const value = new Metadata();
    if (options.apiKey !== null) value.set('authorization', `Bearer ${options.apiKey}`);
    return value;
  };
  return {
    unary: (method, request, { signal, deadlineMs = DEFAULT_DEADLINE_MS } = {}) =>
      new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          pathOf(method),
          (bytes: Uint8Array) => Buffer.from(bytes),
          (bytes: Buffer) => fromBinary(method.output, bytes),
          toBinary(method.input, create(method.input, request)),
          metadata(),
          { deadline: Date.now() + deadlineMs },
          (error, response) => {
            if (error !== null) reject(gatewayFault(error, method));
            else if (response === undefined) reject(new Error('the gateway answered nothing'));
            else resolve(response);
          },
        );
        const release = cancelOn(call, [signal, options.signal]);
        call.on('status', release);
      }),
    async *stream(method, request) {
      const call = client.makeServerStreamRequest(
        pathOf(method),
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => fromBinary(method.output, bytes),
        toBinary(method.input, create(method.input, request)),
        metadata(),
      );
      const release = cancelOn(call, [options.signal]);
      try {
        yield* call;
      } catch (error) {
        throw gatewayFault(error, method);
      } finally {
        release();
        call.cancel();
      }
    },
    upload: (method, parts) =>
      new Promise((resolve, reject) => {
        const call = client.makeClientStreamRequest(
          pathOf(method),
          (bytes: Uint8Array) => Buffer.from(bytes),
          (bytes: Buffer) => fromBinary(method.output, bytes),
          metadata(),
          { deadline: Date.now() + DEFAULT_DEADLINE_MS },
          (error, response) => {
            if (error !== null) reject(gatewayFault(error, method));
            else if (response === undefined) reject(new Error('the gateway answered nothing'));
            else resolve(response);
          },
        );
        const release = cancelOn(call, [options.signal]);
        call.on('status', release);
        const encoded = Iterator.from(parts).map((part) => toBinary(method.input, create(method.input, part)));
        void sendAll(call, encoded);
      }),
    close: () => client.close(),
  };
}

/** What goes wrong while sending is told by the call itself. */
async function sendAll(call: ClientWritableStream<Uint8Array>, parts: Iterable<Uint8Array>): Promise<void> {
  const ended = once(call, 'status').catch(() => undefined);
  for (const part of parts) {
    if (call.destroyed) return;
    if (!call.write(part)) await Promise.race([once(call, 'drain'), ended]).catch(() => undefined);
  }
  call.end();
}

/** Returns how to stop listening. */
function cancelOn(call: { cancel(): void }, signals: readonly (AbortSignal | undefined)[]): () => void {
  const cancel = () => call.cancel();
  for (const signal of signals) {
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
  }
  return () => {
    for (const signal of signals) signal?.removeEventListener('abort', cancel);
  };
}

function pathOf(method: { readonly name: string; readonly parent: { readonly typeName: string } }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** In the clear only to this machine: an API key must not cross a network unprotected. */
function channelCredentials({ address, caFile }: ConnectionOptions): ChannelCredentials {
  if (caFile === null && isLoopback(parseListenAddress(address).host)) return credentials.createInsecure();
  return credentials.createSsl(caFile === null ? null : readFileSync(caFile));
}
