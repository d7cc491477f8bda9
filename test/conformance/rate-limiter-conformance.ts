// Owns what every rate limiter must do, wherever it counts.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Rate, RateLimiter, Turn } from '../../gateway/replicas/rate-limiter.ts';

/** No call becomes due while a test runs. */
const HARDLY_EVER: Rate = { perMinute: 1, burst: 3 };
const FAST: Rate = { perMinute: 60_000, burst: 4 };
const MINUTE_MS = 60_000;

/** `open` answers a limiter that has counted nothing yet for any key that begins as `key` does. */
export function describeRateLimiterConformance(
  name: string,
  open: () => Promise<{ readonly limiter: Pick<RateLimiter, 'take'>; readonly key: string }>,
): void {
  describe(`${name} as a rate limiter`, () => {
    let limiter: Pick<RateLimiter, 'take'>;
    let key: string;
    beforeEach(async () => {
      ({ limiter, key } = await open());
    });
    const kinds = (turns: readonly Turn[]) => turns.map(({ kind }) => kind);
    const takes = (count: number, rate: Rate, whose = key) =>
      Promise.all(Array.from({ length: count }, () => limiter.take(whose, rate)));

    it('admits a burst, and of calls at the same time not one more', async () => {
      const admitted = kinds(await takes(40, HARDLY_EVER)).filter((kind) => kind === 'admitted');
      expect(admitted).toHaveLength(HARDLY_EVER.burst);
    });

    it('says how long the next call has to wait', async () => {
      await takes(3, HARDLY_EVER);
      const [turn] = await takes(1, HARDLY_EVER);
      if (turn?.kind !== 'limited') throw new Error('a fourth call was admitted');
      expect(turn.retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
      expect(turn.retryAfterMs).toBeGreaterThan(MINUTE_MS / 2);
    });

    it('counts calls that are not admitted for nothing', async () => {
      await takes(3, HARDLY_EVER);
      const waits = (await takes(50, HARDLY_EVER)).map((turn) => (turn.kind === 'limited' ? turn.retryAfterMs : 0));
      expect(Math.max(...waits)).toBeLessThanOrEqual(MINUTE_MS);
    });

    it('counts each key by itself', async () => {
      await takes(4, HARDLY_EVER);
      expect(kinds(await takes(4, HARDLY_EVER, `${key}-other`))).toEqual([
        'admitted',
        'admitted',
        'admitted',
        'limited',
      ]);
    });

    it('admits again when it said, and not before', async () => {
      const began = performance.now();
      await takes(FAST.burst, { ...FAST, perMinute: 600 });
      const [turn] = await takes(1, { ...FAST, perMinute: 600 });
      const [atOnce] = await takes(1, { ...FAST, perMinute: 600 });
      if (turn?.kind !== 'limited' || atOnce?.kind !== 'limited') throw new Error('a call too many was admitted');
      await untilAdmitted(() => limiter.take(key, { ...FAST, perMinute: 600 }));
      expect(performance.now() - began).toBeGreaterThan(99);
    });

    it('admits in no span of time more than the burst and what the rate gives', async () => {
      const admitted: { readonly asked: number; readonly told: number }[] = [];
      const end = performance.now() + 60;
      while (performance.now() < end) {
        const asked = performance.now();
        const turns = await takes(4, FAST);
        const told = performance.now();
        for (const { kind } of turns) if (kind === 'admitted') admitted.push({ asked, told });
        await nextTurn();
      }
      expect(admitted.length).toBeGreaterThan(FAST.burst);
      for (const [first, { asked }] of admitted.entries()) {
        for (const [more, { told }] of admitted.slice(first).entries()) {
          const due = FAST.burst + (told - asked) * (FAST.perMinute / MINUTE_MS) + 1;
          if (more + 1 > due) throw new Error(`${more + 1} calls within ${told - asked} ms`);
        }
      }
    });

    it('lets nobody wait for more than a burst of the rate as it is now', async () => {
      await takes(200, { perMinute: 2, burst: 200 });
      const [turn] = await takes(1, { perMinute: 600, burst: 2 });
      if (turn?.kind !== 'limited') throw new Error('it was admitted');
      expect(turn.retryAfterMs).toBeLessThanOrEqual(200);
    });

    it.each([
      { perMinute: 6_000_000, burst: 100_000 },
      { perMinute: 1, burst: 1 },
      { perMinute: 7, burst: 100_000 },
    ])('admits the first call at $perMinute a minute and $burst at once', async (rate) => {
      expect(kinds(await takes(1, rate))).toEqual(['admitted']);
    });

    it('takes any name for a key', async () => {
      for (const odd of ['', ' ', '\r\nFLUSHALL\r\n', '{x}', 'ключ', '*'.repeat(1000)]) {
        expect(kinds(await takes(4, HARDLY_EVER, `${key}${odd}-odd`)).at(-1)).toBe('limited');
      }
    });
  });
}

async function untilAdmitted(take: () => Promise<Turn>): Promise<void> {
  while ((await take()).kind !== 'admitted') await nextTurn();
}
