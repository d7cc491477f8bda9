import { describe, expect, it } from 'vitest';
import { describeRateLimiterConformance } from '../../test/conformance/rate-limiter-conformance.ts';
import { createLocalRateLimiter } from './in-process/local-rate-limiter.ts';
import { ADMITTED, limitedFor } from './rate-limiter.ts';
import { type CommonCount, createSharedRateLimiter } from './shared-rate-limiter.ts';

const local = () => createLocalRateLimiter({ now: () => performance.now() });
const AWAY: CommonCount = { take: () => Promise.reject(new Error('away')) };
const OPEN: CommonCount = { take: async () => ADMITTED };
const RATE = { perMinute: 1, burst: 2 };

describeRateLimiterConformance('a gateway whose common count is away', async () => ({
  limiter: createSharedRateLimiter(local(), AWAY),
  key: 'agent:trader',
}));

describeRateLimiterConformance('a gateway whose common count admits everything', async () => ({
  limiter: createSharedRateLimiter(local(), OPEN),
  key: 'agent:trader',
}));

describe('a rate limit of all replicas', () => {
  it('is kept by the common count, whatever this gateway would admit', async () => {
    const limiter = createSharedRateLimiter(local(), { take: async () => limitedFor(5_000_000) });
    expect(await limiter.take('a', RATE)).toEqual({ kind: 'limited', retryAfterMs: 5_000 });
  });

  it('does not trouble the common count with who is limited here', async () => {
    let asked = 0;
    const limiter = createSharedRateLimiter(local(), {
      take: async () => {
        asked += 1;
        return ADMITTED;
      },
    });
    for (let call = 0; call < 10; call++) await limiter.take('a', RATE);
    expect(asked).toBe(RATE.burst);
  });
});
