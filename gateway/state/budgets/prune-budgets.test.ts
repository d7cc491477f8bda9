import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pruneBudgets, startPruningBudgets } from './prune-budgets.ts';

function budgets(last: readonly (bigint | null)[]) {
  const asked: bigint[] = [];
  const answers = [...last];
  const prune = async (after: bigint) => {
    asked.push(after);
    return answers.shift() ?? null;
  };
  return { asked, prune };
}

describe('a pass', () => {
  it('goes on where the step before ended, until all have been looked at', async () => {
    const store = budgets([500n, 1000n, 1003n, null]);
    await pruneBudgets(store);
    expect(store.asked).toEqual([0n, 500n, 1000n, 1003n]);
  });

  it('ends between two steps when it is stopped', async () => {
    const store = budgets([500n, 1000n]);
    await pruneBudgets(store, () => store.asked.length === 1);
    expect(store.asked).toEqual([0n]);
  });
});

describe('every hour', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('there is one, also after one that failed, until it is stopped', async () => {
    let passes = 0;
    const prune = async () => {
      passes += 1;
      if (passes === 1) throw new Error('away');
      return null;
    };
    const stop = startPruningBudgets({ prune });
    await vi.advanceTimersByTimeAsync(3_600_000);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(passes).toBe(2);
    await stop();
    await vi.advanceTimersByTimeAsync(7_200_000);
    expect(passes).toBe(2);
  });
});
