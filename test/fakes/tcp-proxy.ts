// Owns a TCP proxy on loopback that a test can cut, slow down and mend: the other end goes away, and comes back.
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface TcpProxy {
  readonly port: number;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  /** What comes from either end is passed on so much later. */
  delay(milliseconds: number): void;
  /** What the target answers is lost, though it gets what is sent. */
  loseAnswers(): void;
  /** Lets everything through again at once. Connections that lost an answer are ended: they cannot go on. */
  mend(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let isCut = false;
  let losesAnswers = false;
  let delayMs = 0;
  const passing = (isAnswer: boolean) =>
    new Transform({
      transform: (chunk, _encoding, done) => {
        if (isAnswer && losesAnswers) done();
        else if (delayMs === 0) done(null, chunk);
        else setTimeout(done, delayMs, null, chunk);
      },
    });
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.pipe(passing(from === upstream)).pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
  const endAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    cut: () => {
      isCut = true;
      endAll();
    },
    delay: (milliseconds) => {
      delayMs = milliseconds;
    },
    loseAnswers: () => {
      losesAnswers = true;
    },
    mend: () => {
      if (losesAnswers) endAll();
      losesAnswers = false;
      isCut = false;
      delayMs = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endAll();
      }),
  };
}
