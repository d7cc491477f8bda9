import { describe, expect, it } from 'vitest';
import { describeRateLimiterConformance } from '../../../test/conformance/rate-limiter-conformance.ts';
import { createLocalRateLimiter } from './local-rate-limiter.ts';

describeRateLimiterConformance('one process', async () => ({
  limiter: createLocalRateLimiter({ now: () => performance.now() }),
  key: 'agent:trader',
}));

describe('rate limits of one process', () => {
  it('admits exactly at the full rate after the burst, by the clock', () => {
    let now = 1_000;
    const limiter = createLocalRateLimiter({ now: () => now });
    const rate = { perMinute: 60, burst: 2 };
    const admittedAt: number[] = [];
    for (; now <= 5_000; now += 50) if (limiter.takeNow('a', rate).kind === 'admitted') admittedAt.push(now);
    expect(admittedAt).toEqual([1_000, 1_050, 2_000, 3_000, 4_000, 5_000]);
  });

  it('takes back what was given back', () => {
    const limiter = createLocalRateLimiter({ now: () => 1_000 });
    const rate = { perMinute: 1, burst: 2 };
    for (let call = 0; call < 100; call++) {
      expect(limiter.takeNow('a', rate).kind).toBe('admitted');
      limiter.giveBack('a', rate);
    }
    const kinds = [1, 2, 3].map(() => limiter.takeNow('a', rate).kind);
    expect(kinds).toEqual(['admitted', 'admitted', 'limited']);
  });

  it('remembers so many at most, and of those whom it used last', () => {
    const limiter = createLocalRateLimiter({ now: () => 1_000, maxEntries: 100 });
    const rate = { perMinute: 1, burst: 1 };
    for (let n = 0; n < 1_000; n++) limiter.takeNow(`key-${n}`, rate);
    expect(limiter.entries).toBe(100);
    expect(limiter.takeNow('key-999', rate).kind).toBe('limited');
    expect(limiter.takeNow('key-0', rate).kind).toBe('admitted');
  });

  it('forgets who has nothing due any more', () => {
    let now = 1_000;
    const limiter = createLocalRateLimiter({ now: () => now });
    for (let n = 0; n < 100; n++) limiter.takeNow(`key-${n}`, { perMinute: 60, burst: 1 });
    now += 1_000;
    limiter.takeNow('another', { perMinute: 60, burst: 1 });
    expect(limiter.entries).toBe(1);
  });
});
