import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Server } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { openConnection } from '../cli/connection.ts';
import { tlsCredentials } from './server-tls.ts';
import { dataPlane, type Plane } from './testing/planes.ts';
import { memoryPrincipals } from './testing/principals.ts';
import { AGENT, WALLET } from './testing/samples.ts';

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
});

const listWallets = async () => [{ id: 'treasury', address: WALLET, feePayer: null }];

describe('TLS', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-tls-'));
    for (const name of ['one', 'two']) selfSigned(file(`${name}.crt`), file(`${name}.key`));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const tls = (name: string) => ({ certFile: file(`${name}.crt`), keyFile: file(`${name}.key`) });

  it('serves with the certificate, and a client that trusts another one does not talk', async () => {
    const principals = memoryPrincipals();
    const apiKey = principals.add(AGENT);
    const plane = await opened(dataPlane({ listWallets }, { principals, tls: tls('one') }));
    const call = (caFile: string | null) =>
      openConnection({ address: byName(plane.address), apiKey, caFile }).unary(
        SigningService.method.listWallets,
        {},
        { deadlineMs: 5000 },
      );
    expect((await call(file('one.crt'))).wallets).toHaveLength(1);
    await expect(call(file('two.crt'))).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    await expect(call(null)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
  });

  it('speaks TLS 1.3 and nothing older', async () => {
    const plane = await opened(dataPlane({}, { tls: tls('one') }));
    const [host = '', port = ''] = plane.address.split(':');
    const handshake = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      new Promise((resolve, reject) => {
        const options = {
          host,
          port: Number(port),
          ALPNProtocols: ['h2'],
          maxVersion,
          ca: readFileSync(file('one.crt')),
        };
        const socket = connect(options, () => {
          resolve(socket.getProtocol());
          socket.destroy();
        }).on('error', reject);
      });
    await expect(handshake('TLSv1.2')).rejects.toThrow();
    expect(await handshake('TLSv1.3')).toBe('TLSv1.3');
  });

  it('refuses to start on files that do not fit or are not there', async () => {
    const mixed = { certFile: file('one.crt'), keyFile: file('two.key') };
    await expect(dataPlane({}, { tls: mixed })).rejects.toThrow('cannot be used together');
    await expect(dataPlane({}, { tls: tls('none') })).rejects.toThrow('cannot read the TLS certificate');
  });

  it('takes a new certificate without a restart, and keeps the old one when the new one is broken', async () => {
    selfSigned(file('live.crt'), file('live.key'));
    const { credentials: live, reload } = tlsCredentials(tls('live'));
    const server = new Server();
    const port = await new Promise<number>((resolve) => {
      server.bindAsync('127.0.0.1:0', live, (_error, bound) => resolve(bound));
    });
    const first = await certificateOn(port);
    expect(reload()).toBe('unchanged');
    selfSigned(file('live.crt'), file('live.key'));
    expect(reload()).toBe('reloaded');
    const second = await certificateOn(port);
    expect(second).not.toBe(first);
    rmSync(file('live.key'));
    expect(() => reload()).toThrow('cannot read the TLS private key');
    selfSigned(file('other.crt'), file('live.key'));
    expect(() => reload()).toThrow('cannot be used together');
    expect(await certificateOn(port)).toBe(second);
    server.forceShutdown();
  });

  it('asks clients for a certificate when an authority is configured', async () => {
    const principals = memoryPrincipals();
    const apiKey = principals.add(AGENT);
    const plane = await opened(
      dataPlane({ listWallets }, { principals, tls: { ...tls('one'), clientCaFile: file('two.crt') } }),
    );
    const connection = openConnection({ address: byName(plane.address), apiKey, caFile: file('one.crt') });
    await expect(connection.unary(SigningService.method.listWallets, {}, { deadlineMs: 5000 })).rejects.toMatchObject({
      status: 'UNAVAILABLE',
    });
    connection.close();
  });
});

/** A client names a TLS server by its name: RFC 6066 knows no addresses. */
const byName = (address: string) => address.replace('127.0.0.1', 'localhost');

/** Fingerprint of the certificate that a port shows. */
function certificateOn(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ALPNProtocols: ['h2'], rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    }).on('error', reject);
  });
}

function selfSigned(certFile: string, keyFile: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const names = ['-subj', '/CN=countersign-test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, ...names, '-out', certFile], { stdio: 'pipe' });
}
