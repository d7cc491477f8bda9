// Proves how long a blockhash is kept, and that nobody waits for the next one while it serves.
import { beforeEach, describe, expect, it } from 'vitest';
import { type BlockhashCache, createBlockhashCache } from './blockhash-cache.ts';

let now: number;
let pending: PromiseWithResolvers<{ blockhash: string; lastValidBlockHeight: bigint }>[];
let cache: BlockhashCache;

beforeEach(() => {
  now = 1_000;
  pending = [];
  cache = createBlockhashCache({
    load: () => {
      const asked = Promise.withResolvers<{ blockhash: string; lastValidBlockHeight: bigint }>();
      pending.push(asked);
      return asked.promise;
    },
    maxAgeMs: 2_000,
    refreshAfterMs: 800,
    now: () => now,
  });
});

describe('createBlockhashCache', () => {
  it('asks once for callers that come while it is being asked', async () => {
    const callers = [cache.newest(), cache.newest()];
    expect(cache.atHand()).toBeNull();
    await answer(0, 'first');
    expect((await Promise.all(callers)).map(({ blockhash }) => blockhash)).toEqual(['first', 'first']);
    expect(pending.length).toBe(1);
  });

  it('asks ahead once it is no longer fresh, and serves the old one meanwhile', async () => {
    await loaded('first');
    now = 1_799;
    expect(cache.atHand()?.blockhash).toBe('first');
    expect(pending.length).toBe(1);
    now = 1_800;
    expect(cache.atHand()?.blockhash).toBe('first');
    expect((await cache.newest()).blockhash).toBe('first');
    expect(pending.length).toBe(2);
    await answer(1, 'second');
    expect(cache.atHand()?.blockhash).toBe('second');
  });

  it('gives none that is older than it may be, counted from when it was asked for', async () => {
    const slow = cache.newest();
    now = 2_500;
    await answer(0, 'first');
    expect((await slow).blockhash).toBe('first');
    now = 3_000;
    expect(cache.atHand()?.blockhash).toBe('first');
    now = 3_001;
    expect(cache.atHand()).toBeNull();
  });

  it('lets what it keeps serve on when asking ahead fails, and asks again', async () => {
    await loaded('first');
    now = 1_900;
    cache.atHand();
    pending[1]?.reject(new Error('away'));
    await settled();
    expect(cache.atHand()?.blockhash).toBe('first');
    expect(pending.length).toBe(3);
  });

  it('does not wait for ever on a question that is never answered', async () => {
    await loaded('first');
    now = 1_900;
    cache.atHand();
    now = 4_000;
    const waiting = cache.newest();
    expect(pending.length).toBe(3);
    await answer(2, 'third');
    expect((await waiting).blockhash).toBe('third');
    await answer(1, 'second, late');
    expect(cache.atHand()?.blockhash).toBe('third');
  });

  it('does not keep a failure', async () => {
    const failing = cache.newest();
    pending[0]?.reject(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    await loaded('second');
    expect(cache.atHand()?.blockhash).toBe('second');
  });
});

async function loaded(blockhash: string): Promise<void> {
  const asked = cache.newest();
  await answer(pending.length - 1, blockhash);
  await asked;
}

async function answer(question: number, blockhash: string): Promise<void> {
  pending[question]?.resolve({ blockhash, lastValidBlockHeight: 1n });
  await settled();
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
