import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { describeFanOutConformance } from '../../../test/conformance/fan-out-conformance.ts';
import { describeRateLimiterConformance } from '../../../test/conformance/rate-limiter-conformance.ts';
import { startValkey, type ValkeyServer } from '../../../test/fakes/valkey-server.ts';
import { createLocalRateLimiter } from '../in-process/local-rate-limiter.ts';
import { createSharedRateLimiter } from '../shared-rate-limiter.ts';
import { type Opened, open } from './testing/open-scene.ts';

let valkey: ValkeyServer;
beforeAll(async () => {
  valkey = await startValkey();
});
afterAll(() => valkey.close());

const conforming: Opened[] = [];
afterAll(() => {
  for (const redis of conforming) redis.close();
});

describeRateLimiterConformance('Redis', async () => {
  const redis = open(valkey.url);
  conforming.push(redis);
  await redis.up();
  return { limiter: redis.calls, key: 'agent:trader' };
});

describeRateLimiterConformance('a gateway with Redis', async () => {
  const redis = open(valkey.url);
  conforming.push(redis);
  await redis.up();
  const own = createLocalRateLimiter({ now: () => performance.now() });
  return { limiter: createSharedRateLimiter(own, redis.calls), key: 'agent:trader' };
});

describeFanOutConformance('Redis', async () => {
  const keyPrefix = `test-${randomUUID()}:`;
  const members = [
    open(valkey.url, { keyPrefix }),
    open(valkey.url, { keyPrefix }),
    open(valkey.url, { keyPrefix }),
  ] as const;
  await Promise.all(members.map((member) => member.up()));
  return {
    members: [members[0].fanOut, members[1].fanOut, members[2].fanOut],
    close: async () => {
      for (const member of members) member.close();
    },
  };
});
