import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLook } from './look.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A look that ends when the test says so. */
function slowLook() {
  const ends: PromiseWithResolvers<void>[] = [];
  const look = createLook(() => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  });
  const begun = () => ends.length;
  const end = async (how: 'resolve' | 'reject' = 'resolve') => {
    ends.at(-1)?.[how]();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { look, begun, end };
}

describe('a look', () => {
  it('begins at once, and once more for who asked while it was under way', async () => {
    const { look, begun, end } = slowLook();
    look.wake();
    look.wake();
    look.wake();
    expect(begun()).toBe(1);
    await end();
    await vi.advanceTimersByTimeAsync(10);
    expect(begun()).toBe(2);
    await end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begun()).toBe(2);
  });

  it('begins at most once in ten milliseconds, however often it is asked', async () => {
    let begun = 0;
    const look = createLook(async () => {
      begun += 1;
    });
    for (let ms = 0; ms < 1_000; ms++) {
      look.wake();
      look.wake();
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(begun).toBe(101);
  });

  it('is not doubled by a tick', async () => {
    const { look, begun, end } = slowLook();
    look.wake();
    look.tick();
    await end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begun()).toBe(1);
    look.tick();
    expect(begun()).toBe(2);
  });

  it('goes on after one that failed', async () => {
    const { look, begun, end } = slowLook();
    look.wake();
    look.wake();
    await end('reject');
    await vi.advanceTimersByTimeAsync(10);
    expect(begun()).toBe(2);
  });

  it('does not begin after it was stopped', async () => {
    const { look, begun, end } = slowLook();
    look.wake();
    await end();
    look.wake();
    look.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begun()).toBe(1);
  });
});
