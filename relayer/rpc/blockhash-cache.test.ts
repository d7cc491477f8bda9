// Proves how long a blockhash is kept.
import { describe, expect, it } from 'vitest';
import { createBlockhashCache } from './blockhash-cache.ts';

describe('createBlockhashCache', () => {
  it('asks again once the answer is older than it may be, counted from when it was asked for', async () => {
    let now = 1_000;
    let asked = 0;
    const newest = createBlockhashCache({
      load: async () => ({ blockhash: `hash ${++asked}`, lastValidBlockHeight: 1n }),
      maxAgeMs: 2_000,
      now: () => now,
    });
    expect((await newest()).blockhash).toBe('hash 1');
    now = 3_000;
    expect((await newest()).blockhash).toBe('hash 1');
    now = 3_001;
    expect((await newest()).blockhash).toBe('hash 2');
  });

  it('does not keep a failure, nor forget a newer answer because an older one failed', async () => {
    let now = 0;
    const pending: PromiseWithResolvers<{ blockhash: string; lastValidBlockHeight: bigint }>[] = [];
    const newest = createBlockhashCache({
      load: () => {
        const asked = Promise.withResolvers<{ blockhash: string; lastValidBlockHeight: bigint }>();
        pending.push(asked);
        return asked.promise;
      },
      maxAgeMs: 10,
      now: () => now,
    });
    const first = newest();
    now = 11;
    const second = newest();
    pending[1]?.resolve({ blockhash: 'second', lastValidBlockHeight: 1n });
    pending[0]?.reject(new Error('late failure'));
    await expect(first).rejects.toThrow('late failure');
    expect((await second).blockhash).toBe('second');
    expect((await newest()).blockhash).toBe('second');
    now = 22;
    const third = newest();
    pending[2]?.reject(new Error('away'));
    await expect(third).rejects.toThrow('away');
    void newest();
    expect(pending.length).toBe(4);
  });
});
