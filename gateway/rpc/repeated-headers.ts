// Owns the refusal of a second `authorization` header: Node keeps the first one and says nothing, so a proxy that looks at the
// last one and this gateway would disagree about who calls.
import type { IncomingHttpHeaders } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** Call after binding. Both values then stand in one header, which is no API key. */
export function exposeRepeatedAuthorization(server: Server): void {
  // grpc-js does not hand out its HTTP/2 servers. Where it stops keeping them here, the gateway must not start.
  const http2Servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(http2Servers instanceof Map) || http2Servers.size === 0) {
    throw new Error('this version of @grpc/grpc-js hides its HTTP/2 servers: repeated headers cannot be refused');
  }
  for (const http2Server of http2Servers.keys()) {
    http2Server.prependListener(
      'stream',
      (_stream: unknown, headers: IncomingHttpHeaders, _flags: unknown, rawHeaders: readonly string[]) => {
        const values = rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1] === 'authorization');
        if (values.length > 1) headers.authorization = values.join(', ');
      },
    );
  }
}
