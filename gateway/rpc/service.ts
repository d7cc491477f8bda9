// Owns how a protobuf service becomes a grpc-js one: bytes pass through untouched, so that nothing is decoded before the caller
// is known.
import type { DescService } from '@bufbuild/protobuf';
import type { MethodDefinition, Server, UntypedHandleCall } from '@grpc/grpc-js';
import { assertNever } from '../core/assert-never.ts';
import type { Principal } from '../core/principal/principal.ts';
import type { BoundMethod } from './bound-method.ts';
import { type Admission, type Edge, streamHandler, unaryHandler, uploadHandler } from './serve-call.ts';

/** Throws when the methods are not exactly those of the service. */
export function addService<P extends Principal | null>(
  server: Server,
  edge: Edge,
  service: Omit<DescService, 'method'>,
  admit: Admission<P>,
  methods: readonly BoundMethod<P>[],
): void {
  const declared = service.methods.map((method) => method.name).sort();
  const bound = methods.map((method) => method.name).sort();
  if (declared.join() !== bound.join()) {
    throw new Error(`${service.typeName} declares ${declared.join(', ')}, but ${bound.join(', ')} are bound`);
  }
  const definitions: Record<string, MethodDefinition<Buffer, Uint8Array>> = {};
  const handlers: Record<string, UntypedHandleCall> = {};
  for (const method of methods) {
    definitions[method.name] = definitionOf(`/${service.typeName}/${method.name}`, method.kind);
    handlers[method.name] = handlerOf(edge, service.typeName, admit, method);
  }
  server.addService(definitions, handlers);
}

function handlerOf<P extends Principal | null>(
  edge: Edge,
  service: string,
  admit: Admission<P>,
  method: BoundMethod<P>,
): UntypedHandleCall {
  switch (method.kind) {
    case 'unary':
      return unaryHandler(edge, service, admit, method);
    case 'stream':
      return streamHandler(edge, service, admit, method);
    case 'upload':
      return uploadHandler(edge, service, admit, method);
    default:
      return assertNever(method);
  }
}

function definitionOf(path: string, kind: BoundMethod<never>['kind']): MethodDefinition<Buffer, Uint8Array> {
  return {
    path,
    requestStream: kind === 'upload',
    responseStream: kind === 'stream',
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    responseDeserialize: (bytes) => bytes,
  };
}
