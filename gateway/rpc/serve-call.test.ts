import { afterEach, describe, expect, it } from 'vitest';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { GatewayError } from '../core/errors.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { dataPlane, type Plane } from './testing/planes.ts';
import { memoryPrincipals } from './testing/principals.ts';
import { REQUEST_ID, sampleRequest } from './testing/samples.ts';

const { method } = SigningService;
const ASK = { wallet: 'treasury', transaction: new Uint8Array([1]) };

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
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

  it('ends a stream whose caller may not call any more', async () => {
    const plane = await opened(
      dataPlane({
        async *watchTransaction(_agent, _id, signal) {
          yield sampleRequest();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      }),
    );
    const stream = plane.caller.stream(method.watchTransaction, { requestId: REQUEST_ID })[Symbol.asyncIterator]();
    await stream.next();
    const [keyId = ''] = plane.principals.lookups;
    await plane.principals.revokeKey(keyId, sampleEntry('api_key.revoked'));
    await expect(stream.next()).rejects.toMatchObject({ reason: 'CREDENTIALS_INVALID' });
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
