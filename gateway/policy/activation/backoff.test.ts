import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

it('waits longer after each failure, up to a minute, and never all at the same moment', () => {
  const longest = [1, 2, 3, 6, 7, 1_000].map((failures) => backoffMs(failures, 0.999_999_9));
  expect(longest).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
  expect([1, 7].map((failures) => backoffMs(failures, 0))).toEqual([500, 30_000]);
});
