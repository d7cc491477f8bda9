import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import type { Committed } from './commit-batch.ts';
import { createCommitQueue } from './commit-queue.ts';
import { type Operation, operationRequestId, WRITTEN } from './operation.ts';

const BODY = new Uint8Array([1]);

function advance(requestId: string): Operation {
  return { kind: 'advance', change: { requestId, from: 'SIGNING', to: 'SIGNED', dueAt: null }, auditBody: BODY };
}

interface Flight {
  readonly ids: readonly (string | null)[];
  readonly land: (answer?: Committed) => void;
}

/** A queue whose commits land when the test says so. */
function controlled() {
  const flights: Flight[] = [];
  const committed: (string | null)[] = [];
  const observed: number[] = [];
  const queue = createCommitQueue({
    commit: (operations) =>
      new Promise((resolve) => {
        flights.push({
          ids: operations.map(operationRequestId),
          land: (answer = WRITTEN) => resolve(operations.map(() => answer)),
        });
      }),
    observe: (size) => observed.push(size),
    onCommitted: (operations) => committed.push(...operations.map(operationRequestId)),
  });
  return { queue, flights, committed, observed };
}

async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the commit queue', () => {
  it('sends what came in one turn together, without waiting for more', async () => {
    const { queue, flights, observed, committed } = controlled();
    const results = ['a', 'b', 'c'].map((id) => queue.submit(advance(id)));
    await turns();
    expect(flights.map((flight) => flight.ids)).toEqual([['a', 'b', 'c']]);
    flights[0]?.land();
    expect(await Promise.all(results)).toEqual([WRITTEN, WRITTEN, WRITTEN]);
    expect(observed).toEqual([3]);
    expect(committed).toEqual(['a', 'b', 'c']);
  });

  it('has a second batch under way only where enough waits for one, and sends the rest as soon as one returns', async () => {
    const { queue, flights } = controlled();
    void queue.submit(advance('a'));
    await turns();
    for (let i = 0; i < 63; i++) void queue.submit(advance(`few-${i}`));
    await turns();
    expect(flights.map(({ ids }) => ids.length)).toEqual([1]);
    void queue.submit(advance('enough'));
    await turns();
    expect(flights.map(({ ids }) => ids.length)).toEqual([1, 64]);
    for (let i = 0; i < 100; i++) void queue.submit(advance(`more-${i}`));
    await turns();
    expect(flights).toHaveLength(2);
    flights[1]?.land();
    await turns();
    expect(flights.map(({ ids }) => ids.length)).toEqual([1, 64, 100]);
  });

  it('shares many among both flights, and never sends more than 256 at once', async () => {
    const { queue, flights } = controlled();
    for (let i = 0; i < 150; i++) void queue.submit(advance(`r-${i}`));
    await turns();
    expect(flights.map((flight) => flight.ids.length)).toEqual([75, 75]);
    const fewer = controlled();
    for (let i = 0; i < 127; i++) void fewer.queue.submit(advance(`r-${i}`));
    await turns();
    expect(fewer.flights.map((flight) => flight.ids.length)).toEqual([127]);
    const other = controlled();
    for (let i = 0; i < 2000; i++) void other.queue.submit(advance(`r-${i}`));
    await turns();
    expect(other.flights.map((flight) => flight.ids.length)).toEqual([256, 256]);
  });

  it('never has two operations on one request under way, and keeps their order', async () => {
    const { queue, flights, committed } = controlled();
    for (const id of ['a', 'a', 'b', 'a']) void queue.submit(advance(id));
    await turns();
    expect(flights.map((flight) => flight.ids)).toEqual([['a', 'b']]);
    const others = Array.from({ length: 62 }, (_, i) => `other-${i}`);
    for (const id of others) void queue.submit(advance(id));
    await turns();
    expect(flights.at(-1)?.ids).toEqual(others);
    flights[0]?.land();
    await turns();
    expect(flights.at(-1)?.ids).toEqual(others);
    flights[1]?.land();
    await turns();
    expect(flights.at(-1)?.ids).toEqual(['a']);
    flights.at(-1)?.land();
    await turns();
    expect(flights.at(-1)?.ids).toEqual(['a']);
    flights.at(-1)?.land();
    await turns();
    expect(flights).toHaveLength(4);
    expect(committed.filter((id) => id === 'a' || id === 'b')).toEqual(['a', 'b', 'a', 'a']);
  });

  it('passes a fault to its caller, and goes on', async () => {
    const { queue, flights, committed } = controlled();
    const failing = queue.submit(advance('a'));
    await turns();
    flights[0]?.land(new GatewayError('STORE_UNAVAILABLE', 'away'));
    await expect(failing).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    const next = queue.submit(advance('a'));
    await turns();
    flights[1]?.land({ kind: 'skipped' });
    expect(await next).toEqual({ kind: 'skipped' });
    expect(committed).toEqual([]);
  });

  it('refuses more than it can hold', async () => {
    const { queue } = controlled();
    for (let i = 0; i < 20_000; i++) queue.submit(advance(`r-${i}`)).catch(() => {});
    await expect(queue.submit(advance('one more'))).rejects.toMatchObject({ reason: 'OVERLOADED' });
  });

  it('drains what was submitted in the same turn, and refuses what comes after', async () => {
    const { queue, flights } = controlled();
    const last = queue.submit(advance('a'));
    const drained = queue.drain();
    await expect(queue.submit(advance('b'))).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
    flights[0]?.land();
    await drained;
    expect(await last).toEqual(WRITTEN);
  });
});
