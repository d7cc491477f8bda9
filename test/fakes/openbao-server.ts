// Owns a real OpenBao for tests (brought by `make openbao`): on loopback, in memory, unsealed, ended by its pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';

const BINARY = fileURLToPath(new URL('../../.tools/openbao/bao', import.meta.url));

export interface OpenBaoServer {
  readonly url: string;
  readonly rootToken: string;
  /** Below `/v1/`, by the root token. Throws with what the server says unless it did it. */
  readonly api: (method: string, path: string, body?: object, namespace?: string) => Promise<unknown>;
  readonly seal: () => Promise<void>;
  readonly unseal: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The text that stands there in an answer. */
export function textAt(answer: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((value, key) => Object(value)[key], answer);
  if (typeof found !== 'string') throw new Error(`the answer of OpenBao has no text at ${path.join('.')}`);
  return found;
}

/** `configFile`: of further listeners, in HCL. */
export async function startOpenBao(configFile: string | null = null): Promise<OpenBaoServer> {
  if (!existsSync(BINARY)) throw new Error('there is no OpenBao in .tools/openbao: `make openbao` brings it');
  const [port, rootToken] = [await freePort(), `root-${randomBytes(12).toString('hex')}`];
  const address = `127.0.0.1:${port}`;
  const options = ['-dev', '-dev-no-store-token', `-dev-root-token-id=${rootToken}`, `-dev-listen-address=${address}`];
  const config = configFile === null ? [] : [`-config=${configFile}`];
  const child = spawn(BINARY, ['server', ...options, ...config], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: tmpdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const unsealKey = await unsealKeyOf(child);
  const url = `http://${address}`;
  const api: OpenBaoServer['api'] = async (method, path, body, namespace) => {
    const headers = {
      'x-vault-token': rootToken,
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    };
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${url}/v1/${path}`, sent);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };
  await api('POST', 'sys/mounts/transit', { type: 'transit' });
  return {
    url,
    rootToken,
    api,
    seal: async () => void (await api('PUT', 'sys/seal')),
    unseal: async () => void (await api('PUT', 'sys/unseal', { key: unsealKey })),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** It is printed once the server serves. */
async function unsealKeyOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const errors: string[] = [];
  child.once('exit', () => reject(new Error(`OpenBao ended before it served: ${errors.join('\n')}`)));
  child.stderr?.on('data', (chunk) => void errors.push(String(chunk)));
  if (child.stdout === null) throw new Error('the server has no output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, key] = /^Unseal Key: (\S+)$/.exec(line) ?? [];
    if (key !== undefined) resolve(key);
  });
  return promise;
}
