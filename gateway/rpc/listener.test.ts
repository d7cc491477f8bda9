import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Client, credentials, Server } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { Health, HealthCheckResponse_ServingStatus as Status } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { openConnection } from '../cli/connection.ts';
import { tlsCredentials } from './server-tls.ts';
import { controlPlane, dataPlane, type Plane } from './testing/planes.ts';
import { memoryPrincipals } from './testing/principals.ts';
import { AGENT, REQUEST_ID, sampleRequest, WALLET } from './testing/samples.ts';

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

describe('health, without a key', () => {
  it('says NOT_SERVING until told, for the listener and for each of its services', async () => {
    const plane = await opened(dataPlane());
    const check = (service: string) => plane.connect(null).unary(Health.method.check, { service });
    for (const serving of [false, true, false]) {
      plane.health.setServing(serving);
      for (const service of ['', SigningService.typeName]) {
        expect((await check(service)).status).toBe(serving ? Status.SERVING : Status.NOT_SERVING);
      }
    }
    await expect(check(AuditService.typeName)).rejects.toMatchObject({ status: 'NOT_FOUND' });
  });

  it('tells a watcher each change once', async () => {
    const plane = await opened(dataPlane());
    const watch = plane.connect(null).stream(Health.method.watch, {})[Symbol.asyncIterator]();
    expect((await watch.next()).value?.status).toBe(Status.NOT_SERVING);
    plane.health.setServing(false);
    plane.health.setServing(true);
    expect((await watch.next()).value?.status).toBe(Status.SERVING);
    plane.health.setServing(false);
    expect((await watch.next()).value?.status).toBe(Status.NOT_SERVING);
    await watch.return?.();
  });

  it('tells a watcher of a service that is not there just that', async () => {
    const plane = await opened(dataPlane());
    const watch = plane.connect(null).stream(Health.method.watch, { service: 'nobody' })[Symbol.asyncIterator]();
    expect((await watch.next()).value?.status).toBe(Status.SERVICE_UNKNOWN);
    await watch.return?.();
  });
});

describe('reflection, without a key', () => {
  it('lists exactly the services of the listener', async () => {
    const names = async (plane: Plane) =>
      (await reflect(plane.address, LIST_SERVICES)).match(/(grpc|countersign)[\w.]+/g);
    expect(await names(await opened(dataPlane()))).toEqual([
      'countersign.v1.SigningService',
      'countersign.v1.SessionKeyService',
      'grpc.health.v1.Health',
    ]);
    expect(await names(await opened(controlPlane()))).toEqual([
      'countersign.v1.ApprovalService',
      'countersign.v1.AuditService',
      'countersign.v1.PolicyService',
      'countersign.v1.AdminService',
      'countersign.v1.OperationsService',
      'countersign.v1.SessionKeyService',
      'countersign.v1.WalletService',
      'grpc.health.v1.Health',
    ]);
  });

  it('describes a service together with all the files that it needs', async () => {
    const plane = await opened(dataPlane());
    const answer = await reflect(plane.address, fileContaining('countersign.v1.SigningService'));
    for (const name of ['signing', 'decision', 'transaction']) expect(answer).toContain(`countersign/v1/${name}.proto`);
    expect(answer).toContain('google/protobuf/timestamp.proto');
  });
});

describe('the end of a listener', () => {
  it('ends streams with SHUTTING_DOWN, lets a call finish, and takes no more', async () => {
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const plane = await opened(
      dataPlane({
        async *watchTransaction(_agent, _id, signal) {
          yield sampleRequest();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        signTransaction: async () => {
          entered.resolve();
          await gate.promise;
          return { kind: 'signed', request: sampleRequest() };
        },
      }),
    );
    const watch = plane.caller.stream(SigningService.method.watchTransaction, { requestId: REQUEST_ID });
    const states = watch[Symbol.asyncIterator]();
    await states.next();
    const call = plane.caller.unary(SigningService.method.signTransaction, {
      wallet: 'a',
      transaction: new Uint8Array([1]),
    });
    await entered.promise;
    const ended = plane.listener.shutdown(20_000);
    await expect(states.next()).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'SHUTTING_DOWN',
      retry: 'safe',
    });
    gate.resolve();
    expect((await call).outcome.case).toBe('signed');
    await ended;
    await expect(
      plane.connect('x').unary(SigningService.method.listWallets, {}, { deadlineMs: 5000 }),
    ).rejects.toMatchObject({ status: 'UNAVAILABLE' });
  });

  it('forces the end of a call that does not, and aborts its signal', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const entered = Promise.withResolvers<void>();
    const plane = await opened(
      dataPlane({
        signTransaction: (_agent, _ask, signal) => {
          signal.addEventListener('abort', () => aborted.resolve(signal.reason));
          entered.resolve();
          return new Promise(() => undefined);
        },
      }),
    );
    const call = plane.caller.unary(SigningService.method.signTransaction, {
      wallet: 'a',
      transaction: new Uint8Array([1]),
    });
    const outcome = call.catch((error: unknown) => error);
    await entered.promise;
    await plane.listener.shutdown(20);
    expect(await aborted.promise).toMatchObject({ reason: 'SHUTTING_DOWN' });
    expect(await outcome).toMatchObject({ status: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
  });

  it('can be asked for twice', async () => {
    const plane = await opened(dataPlane());
    await Promise.all([plane.listener.shutdown(1000), plane.listener.shutdown(1000)]);
  });
});

describe('where a listener may listen', () => {
  it('refuses plaintext beyond this machine', async () => {
    await expect(dataPlane({}, { address: '0.0.0.0:0' })).rejects.toThrow(
      'the data plane listener on 0.0.0.0:0 would send API keys in the clear',
    );
    await expect(controlPlane({}, { address: '[::]:0' })).rejects.toThrow('the control plane listener on [::]:0');
  });

  it('says which address is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const bound = other.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    await expect(dataPlane({}, { address: `127.0.0.1:${port}` })).rejects.toThrow(
      `the data plane cannot listen on 127.0.0.1:${port}`,
    );
    other.close();
  });
});

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

// grpc.reflection.v1.ServerReflectionRequest by hand: field 7 asks for the services, field 4 for the file of a symbol.
const LIST_SERVICES = Buffer.from([0x3a, 1, 0x2a]);

function fileContaining(symbol: string): Buffer {
  return Buffer.concat([Buffer.from([0x22, symbol.length]), Buffer.from(symbol)]);
}

/** The answer's bytes as text: names and file names stand in it as they are. */
async function reflect(address: string, request: Buffer): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
  const same = (bytes: Buffer) => bytes;
  const call = client.makeBidiStreamRequest(path, same, same);
  call.write(request);
  call.end();
  const answers: Buffer[] = await call.toArray();
  client.close();
  // What was asked is repeated in the answer.
  return Buffer.concat(answers).subarray(request.length).toString('latin1');
}
