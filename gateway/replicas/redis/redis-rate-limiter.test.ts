import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startValkey, type ValkeyServer } from '../../../test/fakes/valkey-server.ts';
import { createLocalRateLimiter } from '../in-process/local-rate-limiter.ts';
import { createSharedRateLimiter } from '../shared-rate-limiter.ts';
import { opened } from './testing/open-scene.ts';

const RATE = { perMinute: 1, burst: 2 };

let valkey: ValkeyServer;
beforeAll(async () => {
  valkey = await startValkey();
});
afterAll(() => valkey.close());

describe('calls that several gateways count in Redis', () => {
  it('are counted together', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const replicas = await Promise.all([1, 2, 3].map(() => opened(valkey.url, { keyPrefix })));
    const turns = await Promise.all(
      replicas.flatMap(({ calls }) => Array.from({ length: 20 }, () => calls.take('agent:trader', RATE))),
    );
    expect(turns.filter(({ kind }) => kind === 'admitted')).toHaveLength(RATE.burst);
  });

  it('are apart from those of another deployment', async () => {
    const [one, other] = [await opened(valkey.url), await opened(valkey.url)];
    for (const { calls } of [one, other]) expect(await calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
  });

  it('are forgotten by Redis when they count no more', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { calls } = await opened(valkey.url, { keyPrefix });
    await calls.take('agent:trader', { perMinute: 60, burst: 5 });
    const left = await valkey.client.pttl(`${keyPrefix}rate:agent:trader`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1_000);
  });

  it.each([
    ['a list', (key: string) => valkey.client.rpush(key, 'x')],
    ['a hash', (key: string) => valkey.client.hset(key, 'x', '1')],
    ['text', (key: string) => valkey.client.set(key, 'os.execute("x")')],
    ['twenty megabytes', (key: string) => valkey.client.setrange(key, 20_000_000, 'x')],
    ['nothing', (key: string) => valkey.client.set(key, '')],
    ['a number below zero', (key: string) => valkey.client.set(key, '-99999999999999999999')],
    ['infinity', (key: string) => valkey.client.set(key, 'inf')],
  ])('count anew where %s stands under the key', async (_what, spoil) => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { calls } = await opened(valkey.url, { keyPrefix });
    await spoil(`${keyPrefix}rate:agent:trader`);
    const kinds = [];
    for (let call = 0; call < 3; call++) kinds.push((await calls.take('agent:trader', RATE)).kind);
    expect(kinds).toEqual(['admitted', 'admitted', 'limited']);
  });

  it('lock nobody out for longer than a burst, whatever somebody writes there', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { calls } = await opened(valkey.url, { keyPrefix });
    await valkey.client.set(`${keyPrefix}rate:agent:trader`, '9'.repeat(31));
    const turn = await calls.take('agent:trader', { perMinute: 600, burst: 3 });
    expect(turn).toEqual({ kind: 'limited', retryAfterMs: 100 });
  });

  it('stay limited by this gateway when Redis forgets everything', async () => {
    const { calls } = await opened(valkey.url);
    const limiter = createSharedRateLimiter(createLocalRateLimiter({ now: () => performance.now() }), calls);
    const kinds = [];
    for (let call = 0; call < 4; call++) {
      kinds.push((await limiter.take('agent:trader', RATE)).kind);
      await valkey.client.flushall();
      await valkey.client.script('FLUSH');
    }
    expect(kinds).toEqual(['admitted', 'admitted', 'limited', 'limited']);
  });
});
