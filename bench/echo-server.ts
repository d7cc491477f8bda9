// Owns the reference of the benchmark: a bare grpc-js server in a process of its own that answers with so many bytes.
//
// node echo-server.ts BYTES; tells its parent the address over IPC and ends with it.
import { Server, ServerCredentials } from '@grpc/grpc-js';

export const ECHO_PATH = '/bench.Echo/Echo';

if (import.meta.main) {
  const answer = Buffer.alloc(Number(process.argv[2]), 7);
  const same = (bytes: Buffer): Buffer => bytes;
  const server = new Server();
  server.addService(
    {
      echo: {
        path: ECHO_PATH,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    { echo: (_call: unknown, callback: (error: null, value: Buffer) => void) => callback(null, answer) },
  );
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.send?.({ address: `127.0.0.1:${port}` });
  });
  process.on('disconnect', () => process.exit(0));
}
