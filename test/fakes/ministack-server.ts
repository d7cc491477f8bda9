// Owns an emulator of AWS KMS for tests (ministack, brought by `make ministack`): on loopback, in memory, ended by its pid. It believes any
// credentials and takes longer messages than AWS, so it is never the only proof.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';

const [PACKAGES, PYTHON] = ['../../.tools/ministack', '../../.cache/python/bin/python'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export interface MinistackServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function startMinistack(): Promise<MinistackServer> {
  if (PACKAGES === undefined || PYTHON === undefined || !existsSync(PACKAGES)) {
    throw new Error('there is no ministack in .tools/ministack: `make ministack` brings it');
  }
  const port = await freePort();
  const only = { SERVICES: 'kms', BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0', GATEWAY_PORT: String(port) };
  const child = spawn(PYTHON, ['-m', 'ministack.app'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: tmpdir(), PYTHONPATH: PACKAGES, PYTHONUNBUFFERED: '1', ...only },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await serving(child);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function serving(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('exit', () => reject(new Error('ministack ended before it served')));
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) throw new Error('ministack has no output');
    createInterface({ input: output }).on('line', (line) => {
      if (line.includes('Running on http://')) resolve();
    });
  }
  await promise;
}
