import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('what a Retry-After asks for', () => {
  it.each([
    ['seconds', '7', 7_000],
    ['no time at all', '0', 0],
    ['seconds with blanks round them', ' 12 ', 12_000],
    ['a date that is ahead', 'Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['a date that has passed', 'Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['a fraction', '1.5', undefined],
    ['a time before now', '-5', undefined],
    ['words', 'soon', undefined],
    ['nothing', '', undefined],
    ['more than anybody waits', '99999999999', undefined],
  ])('is read from %s', (_name, header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });

  it('is nothing without the header', () => {
    expect(retryAfterMs(undefined, NOW)).toBeUndefined();
  });
});
