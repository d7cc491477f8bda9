import { describe, expect, it } from 'vitest';
import { createKeyCache } from './key-cache.ts';
import { AGENT } from './testing/samples.ts';

const known = { principal: AGENT, secretHash: new Uint8Array(32) };

function cacheOver(find: (keyId: string) => Promise<typeof known | null>, maxEntries = 10) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const cache = createKeyCache({
    find: (keyId) => {
      asked.push(keyId);
      return find(keyId);
    },
    now: () => clock.now,
    maxAgeMs: 1000,
    maxEntries,
  });
  return { cache, clock, asked };
}

describe('the cache of API keys', () => {
  it('asks the store once for many calls, and again after a second', async () => {
    const { cache, clock, asked } = cacheOver(async () => known);
    await Promise.all([cache.get('a'), cache.get('a'), cache.get('a')]);
    clock.now = 999;
    expect(await cache.get('a')).toBe(known);
    expect(asked).toEqual(['a']);
    clock.now = 1000;
    await cache.get('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('sees a revocation within a second', async () => {
    let current: typeof known | null = known;
    const { cache, clock } = cacheOver(async () => current);
    expect(await cache.get('a')).toBe(known);
    current = null;
    clock.now = 1000;
    expect(await cache.get('a')).toBeNull();
  });

  it('counts the age from the question, not from a slow answer', async () => {
    const slow = Promise.withResolvers<typeof known>();
    const { cache, clock, asked } = cacheOver(() => slow.promise);
    const first = cache.get('a');
    clock.now = 900;
    slow.resolve(known);
    await first;
    clock.now = 1000;
    await cache.get('a');
    expect(asked).toHaveLength(2);
  });

  it('remembers unknown keys too, and a new key after them', async () => {
    let current: typeof known | null = null;
    const { cache, clock, asked } = cacheOver(async () => current);
    await cache.get('a');
    await cache.get('a');
    expect(asked).toEqual(['a']);
    current = known;
    clock.now = 1000;
    expect(await cache.get('a')).toBe(known);
  });

  it('does not remember that the store was away', async () => {
    let away = true;
    const { cache } = cacheOver(async () => {
      if (away) throw new Error('away');
      return known;
    });
    await expect(cache.get('a')).rejects.toThrow('away');
    away = false;
    expect(await cache.get('a')).toBe(known);
  });

  it('is bounded, and made-up ids do not push out a known key', async () => {
    const { cache, asked } = cacheOver(async (keyId) => (keyId === 'good' ? known : null), 5);
    await cache.get('good');
    for (let i = 0; i < 50; i++) await cache.get(`made-up-${i}`);
    asked.length = 0;
    await cache.get('good');
    expect(asked).toEqual([]);
    await cache.get('made-up-0');
    expect(asked).toEqual(['made-up-0']);
  });
});
