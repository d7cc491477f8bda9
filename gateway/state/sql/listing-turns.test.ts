import { expect, it } from 'vitest';
import { DEFAULT_DATABASE_LIMITS } from './connect.ts';
import { createListingTurns } from './listing-turns.ts';

interface Listing {
  readonly answered: Promise<string>;
  end(): void;
}

function scene(poolSize: number, waitMs = 60_000) {
  const limits = { ...DEFAULT_DATABASE_LIMITS, poolSize, connectTimeoutMs: 0, statementTimeoutMs: waitMs };
  const inTurn = createListingTurns(limits);
  const begun: string[] = [];
  function list(name: string): Listing {
    const { promise, resolve } = Promise.withResolvers<void>();
    const [kind = ''] = name.split(' ');
    const answered = inTurn(kind, async () => {
      begun.push(name);
      await promise;
      return name;
    });
    return { answered, end: resolve };
  }
  return { begun, list, inTurn };
}

it.each([
  [3, 1],
  [8, 2],
  [100, 25],
])('of %i connections, listings have %i at most', async (poolSize, most) => {
  const { begun, list } = scene(poolSize);
  const listings = Array.from({ length: most + 2 }, (_, n) => list(`requests ${n}`));
  expect(begun).toHaveLength(most);
  for (const { end } of listings) end();
  const names = await Promise.all(listings.map(({ answered }) => answered));
  expect(begun).toEqual(names);
});

it('kinds take turns, each in its order: many of one do not keep out another', async () => {
  const { begun, list } = scene(4);
  const names = ['requests 1', 'requests 2', 'requests 3', 'requests 4', 'approvals 1', 'budgets 1'];
  for (const listing of names.map(list)) listing.end();
  await expect.poll(() => begun).toHaveLength(names.length);
  expect(begun).toEqual(['requests 1', 'requests 2', 'approvals 1', 'budgets 1', 'requests 3', 'requests 4']);
});

it('one whose turn does not come is told so, and what to do, and is never begun', async () => {
  const { begun, list } = scene(8, 20);
  const slow = [list('requests 1'), list('requests 2')];
  await expect(list('budgets 1').answered).rejects.toMatchObject({
    reason: 'OVERLOADED',
    message:
      'at most 2 listings read from the database at once, and the turn of this one did not come within 20 ms; list less at once and in smaller pages, and try again. Where this lasts, raise database.pool_size, a quarter of which is for listings',
    metadata: { cause: 'TOO_MANY_LISTINGS' },
    retryAfterMs: 1_000,
  });
  for (const { end } of slow) end();
  await Promise.all(slow.map(({ answered }) => answered));
  const next = list('requests 3');
  next.end();
  await next.answered;
  expect(begun).toEqual(['requests 1', 'requests 2', 'requests 3']);
});

it('more than 256 of one kind do not wait, and others may', async () => {
  const { list } = scene(4);
  const listings = Array.from({ length: 257 }, (_, n) => list(`requests ${n}`));
  await expect(list('requests 257').answered).rejects.toThrow('256 of this kind wait already');
  const another = list('approvals 1');
  for (const { end } of [...listings, another]) end();
  expect(await Promise.all(listings.map(({ answered }) => answered))).toHaveLength(257);
  expect(await another.answered).toBe('approvals 1');
});

it('one that fails makes room for the next', async () => {
  const { inTurn } = scene(4);
  const failing = inTurn('requests', () => Promise.reject(new Error('away')));
  const next = inTurn('requests', async () => 'listed');
  await expect(failing).rejects.toThrow('away');
  expect(await next).toBe('listed');
});
