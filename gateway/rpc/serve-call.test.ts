import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { afterEach, describe, expect, it } from 'vitest';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  StatusSchema,
} from '../../proto/gen/google/rpc/status_pb.ts';
import { ERROR_SPECS, ErrorCode, type ErrorName, GatewayError } from '../core/errors.ts';
import { DETAILS_TRAILER, statusOf } from './error-status.ts';
import { dataPlane, type Plane } from './testing/planes.ts';
import { memoryPrincipals } from './testing/principals.ts';
import { REQUEST_ID, sampleRequest } from './testing/samples.ts';

const { method } = SigningService;
const ASK = { wallet: 'treasury', transaction: new Uint8Array([1]) };
const NAMES = Object.keys(ERROR_SPECS).filter((name): name is ErrorName => Object.hasOwn(ERROR_SPECS, name));

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
});

describe('faults on the wire', () => {
  it.each(NAMES.filter((name) => name !== 'INTERNAL'))(
    '%s keeps its status, reason, number, retry and text',
    async (name) => {
      const fault = new GatewayError(name, `what ${name} says`, { metadata: { detail: 'x' } });
      const plane = await opened(dataPlane({ signTransaction: () => Promise.reject(fault) }));
      await expect(plane.caller.unary(method.signTransaction, ASK)).rejects.toMatchObject({
        status: ERROR_SPECS[name].status,
        reason: name,
        retry: ERROR_SPECS[name].retry,
        message: `what ${name} says`,
        metadata: { detail: 'x', retry: ERROR_SPECS[name].retry, error_code: String(ErrorCode[name]) },
      });
      expect(plane.observed).toEqual([`SignTransaction ${ERROR_SPECS[name].status}`]);
    },
  );

  it.each([
    ['a plain error', () => Promise.reject(new Error('password=hunter2'))],
    ['a thrown string', () => Promise.reject('password=hunter2')],
    ['undefined', () => Promise.reject(undefined)],
    [
      'a synchronous throw',
      () => {
        throw new Error('password=hunter2');
      },
    ],
    [
      'INTERNAL',
      () => Promise.reject(new GatewayError('INTERNAL', 'password=hunter2', { metadata: { p: 'hunter2' } })),
    ],
  ])('%s becomes INTERNAL with a name for the log and nothing else', async (_name, signTransaction) => {
    const plane = await opened(dataPlane({ signTransaction }));
    const fault = await plane.caller.unary(method.signTransaction, ASK).catch((error: unknown) => error);
    expect(fault).toMatchObject({ status: 'INTERNAL', reason: 'INTERNAL', retry: 'ambiguous' });
    expect(JSON.stringify(fault) + String(fault)).not.toContain('hunter2');
    const [line] = plane.logged;
    expect(String(fault)).toContain(String(line?.correlation_id));
    expect(line).toMatchObject({ grpc_service: 'countersign.v1.SigningService', grpc_method: 'SignTransaction' });
  });

  it('a stream that throws ends with the fault, after what it had yielded', async () => {
    const plane = await opened(
      dataPlane({
        async *watchTransaction() {
          yield sampleRequest();
          throw new GatewayError('STORE_UNAVAILABLE', 'Postgres is away');
        },
      }),
    );
    const seen: string[] = [];
    const read = async () => {
      for await (const { request } of plane.caller.stream(method.watchTransaction, { requestId: REQUEST_ID })) {
        seen.push(request?.requestId ?? '');
      }
    };
    await expect(read()).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'STORE_UNAVAILABLE',
      retry: 'ambiguous',
    });
    expect(seen).toEqual([REQUEST_ID]);
  });

  it('carries field violations and a retry delay in their own details', () => {
    const details = (error: GatewayError) => {
      const bytes = statusOf(error).metadata.get(DETAILS_TRAILER)[0];
      if (!(bytes instanceof Uint8Array)) throw new Error('no details');
      return fromBinary(StatusSchema, bytes);
    };
    const invalid = details(new GatewayError('INVALID_FIELD', 'bad', { metadata: { field: 'wallet' } }));
    expect(invalid).toMatchObject({ code: 3, message: 'bad' });
    const [info, badRequest] = invalid.details;
    expect(info && anyUnpack(info, ErrorInfoSchema)).toMatchObject({ reason: 'INVALID_FIELD', domain: 'countersign' });
    expect(badRequest && anyUnpack(badRequest, BadRequestSchema)).toMatchObject({
      fieldViolations: [{ field: 'wallet', description: 'bad' }],
    });
    const retry = details(new GatewayError('OVERLOADED', 'busy')).details[1];
    expect(retry && anyUnpack(retry, RetryInfoSchema)).toMatchObject({ retryDelay: { seconds: 1n } });
  });

  it('stays below 8 KiB of trailers and keeps hostile text harmless', async () => {
    const hostile = `\ud800\u0000\u001b[2J${'€'.repeat(5000)}`;
    const metadata = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, hostile]));
    const error = new GatewayError('MALFORMED_TRANSACTION', hostile, { metadata: { field: hostile, ...metadata } });
    const { details, metadata: trailers } = statusOf(error);
    const bytes = trailers.get(DETAILS_TRAILER)[0];
    expect(encodeURI(details).length + (bytes?.length ?? 0) * (4 / 3)).toBeLessThan(8 * 1024);
    expect(details).toMatch(/^� {2}\[2J€+…$/);
    const plane = await opened(dataPlane({ signTransaction: () => Promise.reject(error) }));
    await expect(plane.caller.unary(method.signTransaction, ASK)).rejects.toMatchObject({
      reason: 'MALFORMED_TRANSACTION',
    });
  });
});

describe('the end of a call', () => {
  it('aborts the signal when the client cancels', async () => {
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
    const abort = new AbortController();
    const call = plane.caller.unary(method.signTransaction, ASK, { signal: abort.signal });
    await entered.promise;
    abort.abort();
    await expect(call).rejects.toMatchObject({ status: 'CANCELLED' });
    expect(await aborted.promise).toMatchObject({ reason: 'CANCELLED' });
  });

  it("aborts the signal at the client's deadline", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const plane = await opened(
      dataPlane({
        signAndSendTransaction: (_agent, _ask, _wait, signal) => {
          signal.addEventListener('abort', () => aborted.resolve(signal.reason));
          return new Promise(() => undefined);
        },
      }),
    );
    const call = plane.caller.unary(
      method.signAndSendTransaction,
      { ...ASK, waitFor: WaitFor.FINALIZED },
      { deadlineMs: 100 },
    );
    await expect(call).rejects.toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    // Either the deadline or the client's reset arrives first; both end the work.
    expect(await aborted.promise).toMatchObject({ reason: expect.stringMatching(/^(DEADLINE_EXCEEDED|CANCELLED)$/) });
  });

  it('answers within its own deadline, whatever the handler does', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const plane = await opened(
      dataPlane(
        {
          evaluateTransaction: (_agent, _ask, signal) => {
            signal.addEventListener('abort', () => aborted.resolve(signal.reason));
            return new Promise(() => undefined);
          },
        },
        { limits: { unaryDeadlineMs: 50 } },
      ),
    );
    await expect(plane.caller.unary(method.evaluateTransaction, ASK)).rejects.toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      reason: 'DEADLINE_EXCEEDED',
      retry: 'ambiguous',
      message: 'the gateway answers a call within 50 ms',
    });
    expect(await aborted.promise).toBeInstanceOf(GatewayError);
  });

  it('does not abort a call that is answered', async () => {
    const signals: AbortSignal[] = [];
    const plane = await opened(
      dataPlane({
        signTransaction: async (_agent, _ask, signal) => {
          signals.push(signal);
          return { kind: 'signed', request: sampleRequest() };
        },
      }),
    );
    await plane.caller.unary(method.signTransaction, ASK);
    await plane.caller.unary(method.signTransaction, ASK);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
  });

  it('never reaches the pipeline when the client left while its key was looked up', async () => {
    const lookup = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const principals = memoryPrincipals();
    const reached: string[] = [];
    const plane = await opened(
      dataPlane(
        {
          signTransaction: async () => {
            reached.push('signTransaction');
            return { kind: 'signed', request: sampleRequest() };
          },
          listWallets: async () => [],
        },
        {
          principals: {
            ...principals,
            findByKey: async (keyId) => {
              asked.resolve();
              await lookup.promise;
              return principals.findByKey(keyId);
            },
          },
        },
      ),
    );
    const abort = new AbortController();
    const call = plane.caller.unary(method.signTransaction, ASK, { signal: abort.signal });
    await asked.promise;
    abort.abort();
    await expect(call).rejects.toMatchObject({ status: 'CANCELLED' });
    await expect.poll(() => plane.observed).toEqual(['SignTransaction CANCELLED']);
    lookup.resolve();
    await plane.caller.unary(method.listWallets, {});
    expect(reached).toEqual([]);
  });

  it('ends a stream when its reader leaves, and lets the generator clean up', async () => {
    const cleaned = Promise.withResolvers<void>();
    const plane = await opened(
      dataPlane({
        async *watchTransaction(_agent, _id, signal) {
          try {
            yield sampleRequest();
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          } finally {
            cleaned.resolve();
          }
        },
      }),
    );
    for await (const _state of plane.caller.stream(method.watchTransaction, { requestId: REQUEST_ID })) break;
    await cleaned.promise;
    await expect.poll(() => plane.observed).toEqual(['WatchTransaction CANCELLED']);
  });

  it('does not run ahead of a slow reader', async () => {
    let yielded = 0;
    const plane = await opened(
      dataPlane({
        async *watchTransaction() {
          for (;;) {
            yielded++;
            yield sampleRequest({ error: 'x'.repeat(10_000) });
          }
        },
      }),
    );
    let before = -1;
    const standsStill = () => {
      const same = before === yielded;
      before = yielded;
      return same;
    };
    const stream = plane.caller.stream(method.watchTransaction, { requestId: REQUEST_ID })[Symbol.asyncIterator]();
    await stream.next();
    await expect.poll(standsStill).toBe(true);
    expect(yielded).toBeLessThan(2000);
    await stream.return?.();
  });
});

describe('bounds', () => {
  it('answers OVERLOADED above the calls in flight, and works again below', async () => {
    const gate = Promise.withResolvers<void>();
    const plane = await opened(
      dataPlane(
        {
          signTransaction: async () => {
            await gate.promise;
            return { kind: 'signed', request: sampleRequest() };
          },
        },
        { limits: { maxCallsInFlight: 2 } },
      ),
    );
    const calls = [1, 2, 3].map(() => plane.caller.unary(method.signTransaction, ASK));
    await expect(Promise.race(calls)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'OVERLOADED',
      retry: 'safe',
    });
    gate.resolve();
    expect((await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await expect(plane.caller.unary(method.signTransaction, ASK)).resolves.toBeDefined();
  });

  it('limits the streams of one caller and not those of another', async () => {
    const plane = await opened(
      dataPlane(
        {
          async *watchTransaction(_agent, _id, signal) {
            yield sampleRequest();
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
          },
        },
        { limits: { maxStreamsPerPrincipal: 1 } },
      ),
    );
    const watch = (connection = plane.caller) =>
      connection.stream(method.watchTransaction, { requestId: REQUEST_ID })[Symbol.asyncIterator]();
    const first = watch();
    expect((await first.next()).done).toBe(false);
    await expect(watch().next()).rejects.toMatchObject({ reason: 'OVERLOADED' });
    const other = watch(plane.connect(plane.principals.add({ kind: 'agent', id: 'other', wallets: [] })));
    expect((await other.next()).done).toBe(false);
    await first.return?.();
    await expect
      .poll(async () =>
        watch()
          .next()
          .then(
            ({ done }) => done,
            () => 'refused',
          ),
      )
      .toBe(false);
  });
});
