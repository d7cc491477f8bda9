import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamRecords } from '../audit/audit-stream.ts';
import { sha256 } from '../audit/testing/sample-chain.ts';
import { verifyChain, verifyNoSignatureWithoutIntent } from '../audit/verify.ts';
import type { State } from './contract/state.ts';
import { openState } from './open-state.ts';
import { sampleEntry, sampleRequest, sampleSigned } from './testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let gateways: readonly [State, State];

beforeAll(async () => {
  database = await createTestDatabase();
  const open = (instanceId: string) => openState({ databaseUrl: database.url, instanceId });
  gateways = await Promise.all([open('one'), open('two')]);
});

afterAll(async () => {
  await Promise.all(gateways.map((each) => each.close()));
  await database.drop();
});

function gateway(turn: number): State {
  return turn % 2 === 0 ? gateways[0] : gateways[1];
}

function chain() {
  return streamRecords(gateways[0].audit, { after: 0n, stopAtHead: true, signal: new AbortController().signal });
}

describe('two gateways on one database', () => {
  it('write one chain without a gap while both open, advance and append as fast as they can', async () => {
    const before = (await gateways[0].audit.head())?.sequence ?? 0n;
    const advanced = await Promise.all(
      Array.from({ length: 400 }, async (_, turn) => {
        const request = sampleRequest();
        await gateway(turn).requests.open(request, sampleEntry('request.signing', request.requestId));
        // Both try; one may.
        const results = await Promise.all(
          gateways.map(({ requests }) =>
            requests.advance(sampleSigned(request.requestId), sampleEntry('request.signed', request.requestId)),
          ),
        );
        if (turn % 10 === 0) await gateway(turn).audit.append(sampleEntry('gateway.started'));
        return results.filter((result) => result.kind === 'advanced').length;
      }),
    );
    expect(advanced.every((count) => count === 1)).toBe(true);
    const head = await gateways[1].audit.head();
    expect(head?.sequence).toBe(before + 400n + 400n + 40n);
    expect(await verifyChain(chain(), sha256, head === null ? {} : { head })).toMatchObject({ kind: 'intact' });
    expect(await verifyNoSignatureWithoutIntent(chain())).toEqual({ kind: 'intact', signatures: 400n });
  });

  it('open one request an idempotency key, whoever comes first, in whatever order', async () => {
    const keys = Array.from({ length: 60 }, (_, i) => `key-${i}`);
    const open = (turn: number, idempotencyKey: string) => {
      const request = sampleRequest({}, { idempotencyKey });
      return gateway(turn).requests.open(request, sampleEntry('request.signing', request.requestId));
    };
    const results = await Promise.all([
      ...keys.map((key) => open(0, key)),
      ...keys.toReversed().map((key) => open(1, key)),
      ...keys.map((key, i) => open(i, key)),
    ]);
    expect(results.filter((result) => result.kind === 'opened')).toHaveLength(keys.length);
    const seen = new Set(results.flatMap((result) => (result.kind === 'exists' ? [result.request.requestId] : [])));
    expect(seen.size).toBe(keys.length);
  });

  it('hand each due request to one worker', async () => {
    const due = Array.from({ length: 200 }, () => sampleRequest({ dueAt: 1 }));
    await Promise.all(
      due.map((request) => gateways[0].requests.open(request, sampleEntry('request.signing', request.requestId))),
    );
    const claims = await Promise.all(Array.from({ length: 40 }, (_, i) => gateway(i).requests.claimDue(10, 3_600_000)));
    const rest = await gateways[0].requests.claimDue(1000, 3_600_000);
    const ids = [...claims.flat(), ...rest].map((request) => request.requestId);
    expect(ids.toSorted()).toEqual(due.map((request) => request.requestId).toSorted());
  });

  it('append alternately, one record at a time, without a fault', async () => {
    const appendMany = async (state: State) => {
      for (let i = 0; i < 100; i++) await state.audit.append(sampleEntry('gateway.started'));
    };
    await Promise.all(gateways.map(appendMany));
  });

  it('never wait for each other in a circle when their batches name the same requests in other orders', async () => {
    for (let round = 0; round < 15; round++) {
      const requests = Array.from({ length: 60 }, (_, i) => sampleRequest({}, { idempotencyKey: `${round}-${i}` }));
      const open = (state: State, all: typeof requests) =>
        all.map((request) =>
          state.requests.open({ ...request, requestId: randomUUID() }, sampleEntry('request.signing')),
        );
      const opened = await Promise.all([...open(gateways[0], requests), ...open(gateways[1], requests.toReversed())]);
      expect(opened.filter((result) => result.kind === 'opened')).toHaveLength(60);
      const ids = opened.flatMap((result) => (result.kind === 'exists' ? [result.request.requestId] : []));
      const advance = (state: State, all: readonly string[]) =>
        all.map((requestId) => state.requests.advance(sampleSigned(requestId), null));
      const advanced = await Promise.all([...advance(gateways[0], ids), ...advance(gateways[1], ids.toReversed())]);
      expect(advanced.filter((result) => result.kind === 'advanced')).toHaveLength(60);
    }
  });

  it('tell each other of changes and of records', async () => {
    const request = sampleRequest();
    await gateways[0].requests.open(request, sampleEntry('request.signing', request.requestId));
    const signed = new Promise<void>((resolve) => {
      const stop = gateways[1].requests.onChange(request.requestId, () => {
        void gateways[1].requests.find(request.requestId).then((found) => {
          if (found?.state !== 'SIGNED') return;
          stop();
          resolve();
        });
      });
    });
    const appended = new Promise<void>((resolve) => {
      const stop = gateways[1].audit.onAppend(() => {
        stop();
        resolve();
      });
    });
    await gateways[0].requests.advance(
      sampleSigned(request.requestId),
      sampleEntry('request.signed', request.requestId),
    );
    await Promise.all([signed, appended]);
  });

  it('commit although a listener throws', async () => {
    const request = sampleRequest();
    const stop = gateways[0].requests.onChange(request.requestId, () => {
      throw new Error('the listener is broken');
    });
    expect(await gateways[0].requests.open(request, sampleEntry('request.signing', request.requestId))).toEqual({
      kind: 'opened',
    });
    stop();
  });

  it('tell their own listeners before the write returns to its caller', async () => {
    const request = sampleRequest();
    const calls: string[] = [];
    const stops = [
      gateways[0].requests.onChange(request.requestId, () => calls.push('change')),
      gateways[0].audit.onAppend(() => calls.push('append')),
    ];
    await gateways[0].requests.open(request, sampleEntry('request.signing', request.requestId));
    expect(calls).toEqual(['change', 'append']);
    for (const stop of stops) stop();
    await gateways[0].requests.advance(sampleSigned(request.requestId), null);
    expect(calls).toEqual(['change', 'append']);
  });
});
