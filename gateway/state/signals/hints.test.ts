// With the poll switched off: what one gateway learns of the other here, it learns by hints alone.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startValkey } from '../../../test/fakes/valkey-server.ts';
import type { FanOut } from '../../replicas/fan-out.ts';
import { createLocalFanOut } from '../../replicas/in-process/local-fan-out.ts';
import { openRedis } from '../../replicas/redis/open-redis.ts';
import { parseRedisUrl } from '../../replicas/redis/redis-target.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { createOperator, sampleOperator } from '../testing/sample-principals.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterAll(() => {
  vi.useRealTimers();
});

interface Members {
  readonly fanOuts: readonly [FanOut, FanOut];
  close(): Promise<void>;
}

async function inOneProcess(): Promise<Members> {
  const join = createLocalFanOut();
  return { fanOuts: [join(), join()], close: async () => undefined };
}

async function byRedis(): Promise<Members> {
  const valkey = await startValkey();
  const target = parseRedisUrl(valkey.url, null);
  if (target === null) throw new Error('the URL of the server is none');
  const open = async () => {
    const { promise: up, resolve } = Promise.withResolvers<void>();
    const parts = openRedis({
      target,
      keyPrefix: 'test:',
      onChange: (isUp) => isUp && resolve(),
      answerWithinMs: 10_000,
    });
    await up;
    return parts;
  };
  const [one, other] = [await open(), await open()];
  return {
    fanOuts: [one.fanOut, other.fanOut],
    close: async () => {
      one.close();
      other.close();
      await valkey.close();
    },
  };
}

describe.each([
  ['in one process', inOneProcess],
  ['by Redis', byRedis],
])('two gateways that give each other hints %s', (_name, openMembers) => {
  let members: Members;
  let database: TestDatabase;
  let one: State;
  let other: State;
  beforeAll(async () => {
    members = await openMembers();
    database = await createTestDatabase();
    const open = (fanOut: FanOut) => openState({ databaseUrl: database.url, instanceId: randomUUID(), fanOut });
    [one, other] = [await open(members.fanOuts[0]), await open(members.fanOuts[1])];
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await members.close();
    await database.drop();
  });

  it('learn that a request went on', async () => {
    const request = sampleRequest();
    await one.requests.open(request, sampleEntry('request.signing', request.requestId));
    const { promise: signed, resolve } = Promise.withResolvers<void>();
    const stop = other.requests.onChange(request.requestId, () => {
      void other.requests.find(request.requestId).then((found) => found?.state === 'SIGNED' && resolve());
    });
    await one.requests.advance(sampleSigned(request.requestId), sampleEntry('request.signed', request.requestId));
    await signed;
    stop();
  });

  it('learn of new audit records', async () => {
    const { promise: appended, resolve } = Promise.withResolvers<void>();
    const stop = other.audit.onAppend(resolve);
    await one.audit.append(sampleEntry('gateway.started'));
    await appended;
    stop();
  });

  it('learn of a freeze, and of its end', async () => {
    await createOperator(one, sampleOperator('ann', { roles: ['admin'] }));
    const asked = { freezeId: randomUUID(), scope: 'all', target: '', reason: 'a drill', frozenBy: 'ann' } as const;
    await one.controls.freeze(asked, sampleEntry('freeze.set'));
    await until(() => other.controls.current().freezes.length === 1);
    const vote = { freezeId: asked.freezeId, operatorId: 'ann', reason: 'it is over', quorum: 1 };
    await one.controls.voteToLift(vote, sampleEntry('freeze.lift_voted'), sampleEntry('freeze.lifted'));
    await until(() => other.controls.current().freezes.length === 0);
  });

  it('do not look for what nobody listens to', async () => {
    const heard: string[] = [];
    const stop = other.requests.onChange('another', () => heard.push('another'));
    const request = sampleRequest();
    await one.requests.open(request, sampleEntry('request.signing', request.requestId));
    const { promise: appended, resolve } = Promise.withResolvers<void>();
    const stopAppends = other.audit.onAppend(resolve);
    await one.audit.append(sampleEntry('gateway.started'));
    await appended;
    expect(heard).toEqual([]);
    stop();
    stopAppends();
  });
});

/** Vitest's own wait would let the poll run. */
async function until(isSo: () => boolean): Promise<void> {
  const started = performance.now();
  while (!isSo()) {
    if (performance.now() - started > 10_000) throw new Error('it did not come about');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
