import { expect, it } from 'vitest';
import { createPatience, createWaiting } from './patience.ts';

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

it('comes to an end for those that came first, where more wait than are remembered', () => {
  let time = 0;
  const waiting = createWaiting(() => time);
  const ids = Array.from({ length: 100_001 }, (_, n) => String(n));
  for (let minute = 0; minute <= 9; minute += 3) {
    time = minute * MINUTE_MS;
    for (const id of ids) waiting(id);
  }
  expect([waiting('0'), waiting('99999'), waiting('100000')]).toEqual([9 * MINUTE_MS, 9 * MINUTE_MS, 0]);
  // Two have ended, and nobody asks about them.
  time = 18 * MINUTE_MS;
  for (const id of ids.slice(2, 100_000)) waiting(id);
  time = 20 * MINUTE_MS;
  waiting('100000');
  time = 21 * MINUTE_MS;
  expect(waiting('100000')).toBe(MINUTE_MS);
});
