// Owns the typed side of a gRPC method: protobuf bytes in, a handler over messages, protobuf bytes out.
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { GatewayError } from '../core/errors.ts';

/** What a handler knows of the call besides its request. */
export interface Call<P> {
  readonly principal: P;
  /** Aborted, with a GatewayError as reason, when the client left, the deadline passed or the gateway stops. */
  readonly signal: AbortSignal;
}

interface MethodOf<K, I extends DescMessage, O extends DescMessage> {
  readonly methodKind: K;
  /** Name in the proto file. */
  readonly name: string;
  readonly input: I;
  readonly output: O;
}

/** A method with its handler; the message types are closed in, so that methods of all types fit into one list. */
export type BoundMethod<P> =
  | { readonly kind: 'unary'; readonly name: string; run(request: Uint8Array, call: Call<P>): Promise<Uint8Array> }
  | {
      readonly kind: 'stream';
      readonly name: string;
      run(request: Uint8Array, call: Call<P>): AsyncIterable<Uint8Array>;
    }
  | {
      readonly kind: 'upload';
      readonly name: string;
      run(requests: AsyncIterable<Uint8Array>, call: Call<P>): Promise<Uint8Array>;
    };

export function unary<I extends DescMessage, O extends DescMessage, P>(
  method: MethodOf<'unary', I, O>,
  handler: (request: MessageShape<I>, call: Call<P>) => Promise<MessageInitShape<O>>,
): BoundMethod<P> {
  return {
    kind: 'unary',
    name: method.name,
    async run(request, call) {
      const response = await handler(decodeRequest(method.input, request), call);
      return encodeResponse(method.output, response);
    },
  };
}

export function serverStream<I extends DescMessage, O extends DescMessage, P>(
  method: MethodOf<'server_streaming', I, O>,
  handler: (request: MessageShape<I>, call: Call<P>) => AsyncIterable<MessageInitShape<O>>,
): BoundMethod<P> {
  return {
    kind: 'stream',
    name: method.name,
    async *run(request, call) {
      for await (const response of handler(decodeRequest(method.input, request), call)) {
        yield encodeResponse(method.output, response);
      }
    },
  };
}

export function clientStream<I extends DescMessage, O extends DescMessage, P>(
  method: MethodOf<'client_streaming', I, O>,
  handler: (requests: AsyncIterable<MessageShape<I>>, call: Call<P>) => Promise<MessageInitShape<O>>,
): BoundMethod<P> {
  return {
    kind: 'upload',
    name: method.name,
    async run(requests, call) {
      return encodeResponse(method.output, await handler(decodeRequests(method.input, requests), call));
    },
  };
}

async function* decodeRequests<I extends DescMessage>(schema: I, requests: AsyncIterable<Uint8Array>) {
  for await (const request of requests) yield decodeRequest(schema, request);
}

function decodeRequest<I extends DescMessage>(schema: I, bytes: Uint8Array): MessageShape<I> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GatewayError('INVALID_FIELD', `the request is not a ${schema.typeName} message: ${why}`, {
      metadata: { field: 'request' },
    });
  }
}

function encodeResponse<O extends DescMessage>(schema: O, response: MessageInitShape<O>): Uint8Array {
  return toBinary(schema, create(schema, response));
}
