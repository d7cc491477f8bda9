import { expect, it } from 'vitest';
import { createResendPace } from './resend-pace.ts';

it('says yes at once, and then once in two seconds for each request', () => {
  let time = 5_000;
  const isDue = createResendPace(() => time);
  expect([isDue('a'), isDue('a'), isDue('b')]).toEqual([true, false, true]);
  time += 1_999;
  expect([isDue('a'), isDue('b')]).toEqual([false, false]);
  time += 1;
  expect([isDue('b'), isDue('b'), isDue('a')]).toEqual([true, false, true]);
});
