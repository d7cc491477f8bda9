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
    const first = await enter(never);
    await enter(never);
    const third = enter(never);
    expect((await enter(never)).kind).toBe('full');
    expect([inFlight(), waiting()]).toEqual([2, 1]);
    leave(first);
    expect((await third).kind).toBe('entered');
    expect([inFlight(), waiting()]).toEqual([2, 0]);
  });

  it('lets those who wait in by their order', async () => {
    const { enter } = createBulkhead({ maxInFlight: 1, maxWaiting: 3 });
    const order: string[] = [];
    const first = await enter(never);
    const waiting = ['a', 'b', 'c'].map(async (name) => {
      const entry = await enter(never);
      order.push(name);
      leave(entry);
    });
    leave(first);
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('forgets who gave up, and lets the next one in', async () => {
    const { enter, inFlight, waiting } = createBulkhead({ maxInFlight: 1, maxWaiting: 2 });
    const first = await enter(never);
    const controller = new AbortController();
    const [leaving, staying] = [enter(controller.signal), enter(never)];
    controller.abort();
    expect((await leaving).kind).toBe('gave up');
    leave(first);
    leave(await staying);
    expect([inFlight(), waiting()]).toEqual([0, 0]);
    expect((await enter(AbortSignal.abort())).kind).toBe('gave up');
    expect(inFlight()).toBe(0);
  });

  it('counts a place that is left twice once', async () => {
    const { enter, inFlight } = createBulkhead({ maxInFlight: 2, maxWaiting: 0 });
    const [first] = [await enter(never), await enter(never)];
    leave(first);
    leave(first);
    expect(inFlight()).toBe(1);
  });

  it('turns everybody away who would have to wait where nobody may', async () => {
    const { enter } = createBulkhead({ maxInFlight: 1, maxWaiting: 0 });
    await enter(never);
    expect((await enter(never)).kind).toBe('full');
  });
});
