import { createServer } from 'node:net';
import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { Health, HealthCheckResponse_ServingStatus as Status } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { controlPlane, dataPlane, type Plane } from './testing/planes.ts';
import { REQUEST_ID, sampleRequest } from './testing/samples.ts';

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
});

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
