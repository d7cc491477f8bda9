// Owns a TCP proxy for tests that cuts a connection to Postgres at a chosen moment.
import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /**
   * The next time a client sends `marker`: `before` cuts both sides without passing it on; `after` passes it on and cuts the client when
   * the answer comes, so that the answer is lost; `last` does so and lets nobody through from then on. Resolves when it was cut.
   */
  cut(moment: Moment, marker: string): Promise<void>;
  close(): Promise<void>;
}

type Moment = 'before' | 'after' | 'last';

/** Listens on loopback and passes everything to `targetPort`. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let plan: { readonly moment: Moment; readonly marker: string; readonly done: () => void } | null = null;
  const sockets = new Set<Socket>();
  let isDown = false;

  const server = createServer((client) => {
    if (isDown) return client.destroy();
    const target = connect(targetPort, '127.0.0.1');
    let answerIsLost = false;
    let noticeCut = () => {};
    let isLast = false;
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
      if (plan !== null && chunk.includes(plan.marker)) {
        const { moment, done } = plan;
        plan = null;
        if (moment === 'before') {
          client.destroy();
          target.destroy();
          return done();
        }
        answerIsLost = true;
        isLast = moment === 'last';
        noticeCut = done;
      }
      target.write(chunk);
    });
    target.on('data', (chunk) => {
      if (!answerIsLost) return client.write(chunk);
      isDown ||= isLast;
      if (isDown) for (const socket of sockets) socket.destroy();
      client.destroy();
      noticeCut();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut: (moment, marker) =>
      new Promise((resolve) => {
        plan = { moment, marker, done: resolve };
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
