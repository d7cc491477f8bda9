import { copyFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type CertificateFiles,
  makeAuthority,
  makeCertificate,
} from '../../gateway/policy/sources/testing/certificates.ts';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';
import { askedBytes } from '../../test/conformance/asked-bytes.ts';
import {
  KEY,
  type RemoteSignerService,
  startRemoteSignerService,
} from '../../test/fakes/remote-signer-service/service.ts';
import type { Signer, SignerCheck, SignResult } from '../signer.ts';
import { openRemoteSigner, type RemoteSignerOptions } from './remote-signer.ts';

let service: RemoteSignerService;
/** Our files, which a test may change. */
let own: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
let opened: Signer[] = [];

beforeAll(async () => {
  service = await startRemoteSignerService();
});
afterAll(() => service.close());
beforeEach(async () => {
  const at = (name: string) => join(service.folder, name);
  own = { caFile: at('own-ca.pem'), certFile: at('own.pem'), keyFile: at('own.key') };
  await show(service.client);
  await copyFile(service.authority.certFile, own.caFile);
});
afterEach(async () => {
  await Promise.all(opened.map((signer) => signer.close()));
  opened = [];
});

async function show({ certFile, keyFile }: CertificateFiles): Promise<void> {
  await copyFile(certFile, own.certFile);
  await copyFile(keyFile, own.keyFile);
}

function open(changes: Partial<RemoteSignerOptions> = {}): Signer {
  const { target, address } = service;
  const signer = openRemoteSigner({
    name: 'hsm',
    address,
    target,
    key: KEY,
    tls: { ...own, serverName: null },
    ...changes,
  });
  opened.push(signer);
  return signer;
}

function signWith(signer: Signer): Promise<SignResult> {
  const { messageBytes, wireTransaction } = askedBytes({ address: service.address, wantsTransactions: false }, 100);
  return signer.sign(messageBytes, {
    kind: 'transaction',
    wireTransaction,
    deadline: Date.now() + 60_000,
    idempotencyKey: Buffer.from(messageBytes).toString('hex').slice(0, 32),
    signal: new AbortController().signal,
  });
}

const check = (signer: Signer): Promise<SignerCheck> => signer.check(AbortSignal.timeout(5_000));

describe('the certificates of a remote signer', () => {
  it('signs many at once over one connection, under the name in our certificate', async () => {
    const [signer, before] = [open(), service.connections()];
    await Promise.all(Array.from({ length: 32 }, () => signWith(signer)));
    expect(service.connections() - before).toBe(1);
    expect(new Set(service.clients())).toEqual(new Set(['gateway']));
  });

  it('shows its new certificate once the files have changed, and loses no call over it', async () => {
    const signer = open();
    expect((await signWith(signer)).kind).toBe('signed');
    const before = service.connections();
    await show(makeCertificate(service.folder, 'gateway', service.authority));
    const kinds = new Set<string>();
    await vi.waitFor(
      async () => {
        kinds.add((await signWith(signer)).kind);
        expect(service.connections() - before).toBe(1);
      },
      { timeout: 5_000, interval: 20 },
    );
    expect([...kinds]).toEqual(['signed']);
  });

  it('goes on with what it read before while the files do not fit together', async () => {
    const signer = open();
    expect((await signWith(signer)).kind).toBe('signed');
    const before = service.connections();
    await writeFile(own.keyFile, 'half of a k');
    const until = performance.now() + 1_200;
    await vi.waitFor(
      async () => {
        expect((await signWith(signer)).kind).toBe('signed');
        expect(performance.now()).toBeGreaterThan(until);
      },
      { timeout: 5_000, interval: 50 },
    );
    expect(service.connections()).toBe(before);
  });

  it('trusts nobody but the authority in its file, and another once that stands in it', async () => {
    const signer = open();
    const other = makeAuthority(service.folder, 'other-authority');
    await service.showCertificateOf(other);
    expect(await signWith(signer)).toEqual({
      kind: 'unavailable',
      reason: `no connection to ${service.target}`,
      ambiguous: false,
    });
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'ca_file' });
    await copyFile(other.certFile, own.caFile);
    await vi.waitFor(async () => expect((await signWith(signer)).kind).toBe('signed'), {
      timeout: 5_000,
      interval: 20,
    });
    await service.showCertificateOf(service.authority);
  });

  it('wants the name of the service in its certificate, or the one that is configured', async () => {
    await service.showCertificateOf(service.authority, '127.0.0.9,DNS:signer.internal');
    const reason = expect.stringContaining('is for another name');
    expect(await check(open())).toEqual({ kind: 'failed', field: 'server_name', reason });
    const named = open({ tls: { ...own, serverName: 'signer.internal' } });
    expect([(await signWith(named)).kind, (await check(named)).kind]).toEqual(['signed', 'ready']);
    const misnamed = open({ tls: { ...own, serverName: 'other.internal' } });
    expect((await signWith(misnamed)).kind).toBe('unavailable');
    expect(await check(misnamed)).toMatchObject({ kind: 'failed', field: 'server_name' });
    await service.showCertificateOf(service.authority);
  });

  it.each([
    ['caFile', 'ca_file', '', 'holds no certificate'],
    ['certFile', 'client_cert_file', 'a certificate', 'holds no certificate'],
    ['keyFile', 'client_key_file', 'a key', 'is not the key of'],
  ] as const)('names %s where it cannot be used, and does not quote it', async (file, field, text, said) => {
    const signer = open();
    await writeFile(own[file], text);
    const reason = expect.stringContaining(`${own[file]} ${said}`);
    expect(await check(signer)).toEqual({ kind: 'failed', field, reason });
    expect(await signWith(signer)).toEqual({ kind: 'unavailable', reason, ambiguous: false });
    await rm(own[file]);
    expect(await check(signer)).toMatchObject({ field, reason: `${own[file]} cannot be read (ENOENT)` });
  });

  it('is told apart from a service that is not there, and from one that speaks something else', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const reason = `no connection to ${nowhere} (ECONNREFUSED)`;
    expect(await check(open({ target: nowhere }))).toEqual({ kind: 'failed', field: 'target', reason });
    const plain = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const at = plain.address();
    const target = `127.0.0.1:${typeof at === 'object' ? at?.port : at}`;
    expect(await check(open({ target }))).toMatchObject({ kind: 'failed', field: null });
    await new Promise((resolve) => plain.close(resolve));
  });

  it('gives up with the call where the service takes connections and says nothing, and nothing was sent', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const at = mute.address();
    const signer = open({ target: `127.0.0.1:${typeof at === 'object' ? at?.port : at}` });
    const { messageBytes, wireTransaction } = askedBytes({ address: service.address, wantsTransactions: false }, 100);
    const signal = AbortSignal.timeout(100);
    const bounds = { deadline: Date.now() + 60_000, idempotencyKey: 'one', signal };
    const reason = 'the call was aborted before it was sent';
    const result = await signer.sign(messageBytes, { ...bounds, kind: 'transaction', wireTransaction });
    expect(result).toEqual({ kind: 'unavailable', reason, ambiguous: false });
    const found = await signer.check(AbortSignal.timeout(100));
    expect(found).toEqual({
      kind: 'failed',
      field: 'target',
      reason: expect.stringContaining('did not answer in time'),
    });
    await signer.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
  });
});
