// Owns a real Redis server for tests (Valkey, brought by `make test`): on loopback, without files, ended by its pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';

const BINARY = fileURLToPath(new URL('../../.tools/valkey/valkey-server', import.meta.url));

export interface ValkeyServer {
  readonly port: number;
  readonly url: string;
  /** What a test does with it besides the gateway. Made anew by each start. */
  readonly client: Redis;
  /** Ends it at once; what it held is gone. */
  kill(): Promise<void>;
  /** After `kill`: the same port, empty. */
  start(): Promise<void>;
  /** Stops it from answering, with every connection open. */
  hang(): void;
  resume(): void;
  close(): Promise<void>;
}

export async function startValkey(password: string | null = null): Promise<ValkeyServer> {
  const port = await freePort();
  let child = await run(port, password);
  let client = connect(port, password);
  async function kill(): Promise<void> {
    client.disconnect();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  return {
    port,
    url: `redis://${password === null ? '' : `:${password}@`}127.0.0.1:${port}`,
    get client() {
      return client;
    },
    kill,
    async start() {
      child = await run(port, password);
      client = connect(port, password);
    },
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    close: kill,
  };
}

function connect(port: number, password: string | null): Redis {
  const redis = new Redis({ host: '127.0.0.1', port, ...(password === null ? {} : { password }) });
  // The end of the server is what a test wants.
  redis.on('error', () => undefined);
  return redis;
}

async function run(port: number, password: string | null): Promise<ChildProcess> {
  if (!existsSync(BINARY)) throw new Error('there is no Redis server in .tools/valkey: `make valkey` brings it');
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const access = password === null ? [] : ['--requirepass', password];
  const child = spawn(BINARY, [...options, ...access], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'ignore'] });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.once('exit', () => reject(new Error(`the Redis server on port ${port} ended before it served`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('Ready to accept connections')) resolve();
  });
  await ready;
  return child;
}
