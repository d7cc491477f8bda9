// Owns a real Kora in a process of its own: the binary of COUNTERSIGN_KORA (scripts/kora.sh), as examples/kora configures it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeBase58 } from '../../relayer/base58.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/kora');
const START_MS = 20_000;

export interface RealKoraOptions {
  /** Of the cluster's RPC. */
  readonly rpcUrl: string;
  /** 64 bytes each: secret, then public; the first is the fee payer of examples/kora. */
  readonly feePayerKey: Uint8Array;
  /** `null`: none is asked for. */
  readonly apiKey: string | null;
  readonly hmacSecret: string | null;
}

export interface RealKora {
  readonly url: string;
  /** Ends the process at once; safe to call twice. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  restart(): Promise<void>;
}

/** @throws Error with what it said, when it does not come up. */
export async function startRealKora(options: RealKoraOptions): Promise<RealKora> {
  const port = await freePort();
  let child = await start(options, port);
  return {
    url: `http://127.0.0.1:${port}`,
    kill: () => end(child),
    restart: async () => {
      await end(child);
      child = await start(options, port);
    },
  };
}

async function start(
  { rpcUrl, feePayerKey, apiKey, hmacSecret }: RealKoraOptions,
  port: number,
): Promise<ChildProcess> {
  const binary = process.env.COUNTERSIGN_KORA;
  if (binary === undefined) throw new Error('COUNTERSIGN_KORA names no kora; run `make test-kora`');
  const files = ['--config', join(EXAMPLE, 'kora.toml'), '--rpc-url', rpcUrl];
  const child = spawn(
    binary,
    [...files, 'rpc', 'start', '--port', String(port), '--signers-config', join(EXAMPLE, 'signers.toml')],
    {
      // Nothing of this machine's own environment reaches it.
      env: {
        RUST_LOG: 'warn',
        KORA_FEE_PAYER_KEY: encodeBase58(feePayerKey),
        ...(apiKey === null ? {} : { KORA_API_KEY: apiKey }),
        ...(hmacSecret === null ? {} : { KORA_HMAC_SECRET: hmacSecret }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_096);
    });
  }
  const until = Date.now() + START_MS;
  while (!(await isAlive(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      await end(child);
      throw new Error(`kora does not serve: ${said}`);
    }
    await wait(50);
  }
  return child;
}

async function isAlive(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/liveness`, { method: 'GET' })).status < 500;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
