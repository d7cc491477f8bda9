// Owns a TCP proxy for tests that cuts a connection to Postgres at a chosen moment.
import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /**
   * The next time a client sends `marker`: `before` cuts both sides without passing it on; `after` passes it on and cuts the client when
   * the answer comes, so that the answer is lost.
   */
  cut(moment: 'before' | 'after', marker: string): void;
  close(): Promise<void>;
}

/** Listens on loopback and passes everything to `targetPort`. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let plan: { readonly moment: 'before' | 'after'; readonly marker: string } | null = null;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let answerIsLost = false;
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        // What was sent is still to be done there.
        target.end();
      });
    }
    client.on('data', (chunk) => {
      const moment = plan !== null && chunk.includes(plan.marker) ? plan.moment : null;
      if (moment !== null) plan = null;
      if (moment === 'before') {
        client.destroy();
        target.destroy();
        return;
      }
      answerIsLost ||= moment === 'after';
      target.write(chunk);
    });
    target.on('data', (chunk) => {
      if (answerIsLost) client.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut(moment, marker) {
      plan = { moment, marker };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
