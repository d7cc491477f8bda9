import { describe, expect, it } from 'vitest';
import { createRequestTimes } from './request-times.ts';

const MINUTE_MS = 60_000;

describe('the timestamps of requests', () => {
  const scene = () => {
    let now = 1_750_000_000_000;
    const times = createRequestTimes(() => now);
    return { times, pass: (milliseconds: number) => (now += milliseconds), now: () => now };
  };

  it('stay what they were for the same call', () => {
    const { times, pass, now } = scene();
    const first = times.of('one');
    expect(first).toBe(now());
    pass(5 * MINUTE_MS);
    expect([times.of('one'), times.of('two')]).toEqual([first, now()]);
  });

  it('are new once a call was forgotten, or is older than any call lives', () => {
    const { times, pass, now } = scene();
    times.of('one');
    times.of('two');
    pass(MINUTE_MS);
    times.forget('one');
    expect(times.of('one')).toBe(now());
    pass(15 * MINUTE_MS);
    expect(times.of('two')).toBe(now());
  });

  it('are not kept for ever more calls', () => {
    const { times, pass } = scene();
    const first = times.of('first');
    pass(1);
    for (let n = 0; n < 11_000; n++) times.of(`call ${n}`);
    expect(times.of('first')).not.toBe(first);
  });

  it('survive a clock that is set back', () => {
    const { times, pass, now } = scene();
    times.of('one');
    pass(-60 * MINUTE_MS);
    expect(times.of('two')).toBe(now());
  });
});
