import { expect, it } from 'vitest';
import { createPatience } from './patience.ts';

const MINUTE_MS = 60_000;

it('is over for what was asked about for an hour, without a pause of ten minutes', () => {
  let time = 5_000;
  const isOver = createPatience(() => time);
  const askFor = (minutes: number, step: number) => {
    const said: boolean[] = [];
    for (let minute = 0; minute < minutes; minute += step) {
      time += step * MINUTE_MS;
      said.push(isOver('a'));
    }
    return said;
  };
  expect(isOver('a')).toBe(false);
  expect(new Set(askFor(55, 5))).toEqual(new Set([false]));
  expect(isOver('b')).toBe(false);
  expect(askFor(5, 5)).toEqual([true]);
  // Something else was true of it meanwhile.
  time += 10 * MINUTE_MS;
  expect(isOver('a')).toBe(false);
  expect(askFor(60, 5).at(-1)).toBe(true);
});
