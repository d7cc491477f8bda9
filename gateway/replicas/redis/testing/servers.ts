// Owns servers that stand before a Redis in tests, or in its place; each ends with its test.
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { CertificateFiles } from '../../../policy/sources/testing/certificates.ts';

/** Passes everything on until it stalls: then the connections of before stay open, and nothing comes through them any more. */
export async function startStallingProxy(
  target: number,
): Promise<{ readonly port: number; stallThoseThatAreOpen(): void }> {
  const open = new Set<Socket>();
  const stalled = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        if (!stalled.has(socket)) (socket === client ? upstream : client).write(chunk);
      });
    }
  });
  return {
    port: await listening(server, open),
    stallThoseThatAreOpen: () => {
      for (const socket of open) stalled.add(socket);
    },
  };
}

/** Answers everything as a Redis would that knows no TLS; answers its port. */
export async function plaintextServer(onData: (chunk: Buffer) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      onData(chunk);
      socket.end('-ERR unknown command\r\n');
    });
  });
  return listening(server, open);
}

export async function tlsProxy({ certFile, keyFile }: CertificateFiles, target: number): Promise<number> {
  const open = new Set<Socket>();
  const server = createTlsServer({ cert: await readFile(certFile), key: await readFile(keyFile) }, (client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(upstream).pipe(client);
  });
  return listening(server, open);
}

async function listening(server: Server, open: ReadonlySet<Socket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
