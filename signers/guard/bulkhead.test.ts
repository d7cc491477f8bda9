import { describe, expect, it } from 'vitest';
import { createBulkhead, type Entry } from './bulkhead.ts';

const never = new AbortController().signal;

function leave(entry: Entry): void {
  if (entry.kind !== 'entered') throw new Error(`it has not entered: ${entry.kind}`);
  entry.leave();
}

describe('the bulkhead', () => {
  it('lets so many in, has so many wait, and turns the others away', async () => {
    const { enter, inFlight, waiting } = createBulkhead({ maxInFlight: 2, maxWaiting: 1 });
    const first = await enter('a', never);
    await enter('a', never);
    const third = enter('a', never);
    expect((await enter('a', never)).kind).toBe('full');
    expect([inFlight(), waiting()]).toEqual([2, 1]);
    leave(first);
    expect((await third).kind).toBe('entered');
    expect([inFlight(), waiting()]).toEqual([2, 0]);
  });

  it('lets those who wait in by their order', async () => {
    const { enter } = createBulkhead({ maxInFlight: 1, maxWaiting: 3 });
    const order: string[] = [];
    const first = await enter('a', never);
    const waiting = ['a', 'b', 'c'].map(async (name) => {
      const entry = await enter('a', never);
      order.push(name);
      leave(entry);
    });
    leave(first);
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('forgets who gave up, and lets the next one in', async () => {
    const { enter, inFlight, waiting } = createBulkhead({ maxInFlight: 1, maxWaiting: 2 });
    const first = await enter('a', never);
    const controller = new AbortController();
    const [leaving, staying] = [enter('a', controller.signal), enter('a', never)];
    controller.abort();
    expect((await leaving).kind).toBe('gave up');
    leave(first);
    leave(await staying);
    expect([inFlight(), waiting()]).toEqual([0, 0]);
    expect((await enter('a', AbortSignal.abort())).kind).toBe('gave up');
    expect(inFlight()).toBe(0);
  });

  it('counts a place that is left twice once', async () => {
    const { enter, inFlight } = createBulkhead({ maxInFlight: 2, maxWaiting: 0 });
    const [first] = [await enter('a', never), await enter('a', never)];
    leave(first);
    leave(first);
    expect(inFlight()).toBe(1);
  });

  it('turns everybody away who would have to wait where nobody may', async () => {
    const { enter } = createBulkhead({ maxInFlight: 1, maxWaiting: 0 });
    await enter('a', never);
    expect((await enter('a', never)).kind).toBe('full');
  });

  it('has a caller who fills it give way to others, who take turns with it', async () => {
    const { enter, waiting } = createBulkhead({ maxInFlight: 1, maxWaiting: 3 });
    const [order, turnedAway]: [string[], string[]] = [[], []];
    const first = await enter('greedy', never);
    const calls = ['greedy', 'greedy', 'greedy', 'modest'].map(async (caller) => {
      const entry = await enter(caller, never);
      if (entry.kind !== 'entered') return turnedAway.push(caller);
      order.push(caller);
      return entry.leave();
    });
    expect(waiting()).toBe(3);
    leave(first);
    await Promise.all(calls);
    expect(order).toEqual(['greedy', 'modest', 'greedy']);
    expect(turnedAway).toEqual(['greedy']);
  });

  it('lets nobody in while it is shut, and as many as there is room for when it opens', async () => {
    const { enter, shut, open, inFlight, waiting } = createBulkhead({ maxInFlight: 2, maxWaiting: 2 });
    const first = await enter('a', never);
    shut();
    const others = [enter('a', never), enter('a', never)];
    expect((await enter('a', never)).kind).toBe('full');
    leave(first);
    expect([inFlight(), waiting()]).toEqual([0, 2]);
    const back = enter('a', never, true);
    expect(waiting()).toBe(3);
    open();
    for (const other of others) expect((await other).kind).toBe('entered');
    expect([inFlight(), waiting()]).toEqual([2, 1]);
    leave(await (others[0] ?? back));
    expect((await back).kind).toBe('entered');
  });
});
