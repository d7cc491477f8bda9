// Owns how a protobuf service becomes a grpc-js one: bytes pass through untouched, so that nothing is decoded before the caller
// is known.
import type { DescService } from '@bufbuild/protobuf';
import type { MethodDefinition, Server, UntypedHandleCall } from '@grpc/grpc-js';
import type { Principal } from '../core/principal/principal.ts';
import type { BoundMethod } from './bound-method.ts';
import { type Admission, type Edge, streamHandler, unaryHandler } from './serve-call.ts';

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
    definitions[method.name] = definitionOf(`/${service.typeName}/${method.name}`, method.kind === 'stream');
    handlers[method.name] =
      method.kind === 'stream'
        ? streamHandler(edge, service.typeName, admit, method)
        : unaryHandler(edge, service.typeName, admit, method);
  }
  server.addService(definitions, handlers);
}

function definitionOf(path: string, responseStream: boolean): MethodDefinition<Buffer, Uint8Array> {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    responseDeserialize: (bytes) => bytes,
  };
}
