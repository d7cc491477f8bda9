import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { askedBytes } from '../../test/conformance/asked-bytes.ts';
import {
  KEY,
  type RemoteSignerService,
  startRemoteSignerService,
} from '../../test/fakes/remote-signer-service/service.ts';
import type { Signer, SignResult } from '../signer.ts';
import { openRemoteSigner } from './remote-signer.ts';

let service: RemoteSignerService;
const opened: Signer[] = [];
const warnings: string[] = [];
const onWarning = ({ message }: Error): void => void warnings.push(message);

// Node says each warning once in a process: nothing may connect before.
beforeAll(async () => {
  process.on('warning', onWarning);
  service = await startRemoteSignerService();
});
afterEach(() => Promise.all(opened.splice(0).map((signer) => signer.close())));
afterAll(async () => {
  process.off('warning', onWarning);
  await service.close();
});

function open(host: string, serverName: string | null = null): Signer {
  const { address, authority, client } = service;
  const target = service.target.replace('127.0.0.1', host);
  const tls = { caFile: authority.certFile, ...client, serverName };
  const signer = openRemoteSigner({ name: 'hsm', address, target, key: KEY, tls });
  opened.push(signer);
  return signer;
}

/** Names that it asked for, the check too. */
async function namesOf(signer: Signer): Promise<readonly (string | null)[]> {
  const before = service.names().length;
  expect((await sign(signer)).kind).toBe('signed');
  expect((await signer.check(AbortSignal.timeout(5_000))).kind).toBe('ready');
  return service.names().slice(before);
}

function sign(signer: Signer): Promise<SignResult> {
  const { messageBytes, wireTransaction } = askedBytes({ address: service.address, wantsTransactions: false }, 100);
  return signer.sign(messageBytes, {
    kind: 'transaction',
    wireTransaction,
    deadline: Date.now() + 60_000,
    idempotencyKey: Buffer.from(messageBytes).toString('hex').slice(0, 32),
    signal: new AbortController().signal,
  });
}

it('asks an address for no name, and Node has nothing to warn of', async () => {
  expect(await namesOf(open('127.0.0.1'))).toEqual([null]);
  expect(await namesOf(open('127.0.0.1', '127.0.0.1'))).toEqual([null]);
  expect(warnings).toEqual([]);
});

it('takes no certificate that is for another address, whatever is asked for', async () => {
  await service.showCertificateOf(service.authority, '127.0.0.9');
  for (const serverName of [null, '127.0.0.1', '127.0.0.8']) {
    const signer = open('127.0.0.1', serverName);
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    const result = await signer.check(AbortSignal.timeout(5_000));
    expect(result).toMatchObject({ kind: 'failed', field: 'server_name' });
  }
  expect((await sign(open('127.0.0.1', '127.0.0.9'))).kind).toBe('signed');
  expect(warnings).toEqual([]);
});

it('asks for the name of its target, or for the configured one, and wants it in the certificate', async () => {
  await service.showCertificateOf(service.authority, '127.0.0.9,DNS:localhost,DNS:signer.internal');
  expect(await namesOf(open('localhost'))).toEqual(['localhost']);
  expect(await namesOf(open('127.0.0.1', 'signer.internal'))).toEqual(['signer.internal']);
  expect(await sign(open('localhost', 'other.internal'))).toMatchObject({ kind: 'unavailable', ambiguous: false });
  expect(warnings).toEqual([]);
});

it('is not talked out of it by the environment', async () => {
  await service.showCertificateOf(service.authority, '127.0.0.9');
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const signer = open('127.0.0.1');
  expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
  expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'server_name' });
  vi.unstubAllEnvs();
});
