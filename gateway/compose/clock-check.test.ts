import { describe, expect, it } from 'vitest';
import { createHealthState } from '../rpc/health-service.ts';
import { openState } from '../state/open-state.ts';
import { createTestDatabase } from '../state/testing/test-database.ts';
import { createClockCheck } from './clock-check.ts';
import { readinessOf } from './readiness.ts';

const DATABASE_TIME = 1_800_000_000_000;

/** A machine whose clock is `aheadMs` ahead, and to whom the answer takes `roundTripMs`. */
function machine(roundTripMs = 0) {
  const measured: number[] = [];
  const lines: string[] = [];
  let aheadMs = 0;
  let elapsed = 0;
  const check = createClockCheck({
    async databaseTime() {
      const time = DATABASE_TIME + elapsed + roundTripMs / 2;
      elapsed += roundTripMs;
      return time;
    },
    now: () => DATABASE_TIME + elapsed + aheadMs,
    measured: (seconds) => measured.push(seconds),
    warn: ({ clock_offset_seconds }, message) => lines.push(`${clock_offset_seconds}: ${message}`),
  });
  const checkWhenAhead = (ms: number) => {
    aheadMs = ms;
    return check();
  };
  return { checkWhenAhead, measured, lines };
}

describe('the clock of the machine', () => {
  it.each([-2_000, -1, 0, 1_999, 2_000])('may be %i ms ahead of the database', async (ms) => {
    const { checkWhenAhead, measured, lines } = machine();
    await checkWhenAhead(ms);
    expect(measured).toEqual([ms / 1000]);
    expect(lines).toEqual([]);
  });

  it.each([
    [2_001, '2.0 s ahead of'],
    [-2_001, '2.0 s behind'],
    [3_600_000, '3600.0 s ahead of'],
  ])('may not be %i ms ahead', async (ms, text) => {
    const { checkWhenAhead, measured } = machine();
    await expect(checkWhenAhead(ms)).rejects.toThrow(`${text} that of the database`);
    expect(measured).toEqual([ms / 1000]);
  });

  it('is not blamed for a slow answer', async () => {
    const { checkWhenAhead, measured } = machine(6_000);
    await checkWhenAhead(500);
    expect(measured).toEqual([0.5]);
  });

  it('is spoken of once when it goes wrong, and once when it is right again', async () => {
    const { checkWhenAhead, lines } = machine();
    for (const ms of [0, 5_000, 6_000, 0, 0]) await checkWhenAhead(ms).catch(() => undefined);
    expect(lines).toEqual([
      '5: the clock of this machine differs from that of the database: not ready',
      '0: the clock of this machine agrees with that of the database again',
    ]);
  });
});

it('a gateway whose clock is off by more than two seconds is not ready, and is when it is set', async () => {
  const database = await createTestDatabase();
  const state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  let aheadMs = 60_000;
  const clock = createClockCheck({
    databaseTime: state.time,
    now: () => Date.now() + aheadMs,
    measured: () => {},
    warn: () => {},
  });
  const parts = { policy: async () => true, store: state.ping, chain: async () => true, clock };
  const readiness = readinessOf(parts, createHealthState(), () => []);
  const [failing, ...others] = (await readiness.check()).filter(({ ready }) => !ready);
  expect(failing).toMatchObject({ part: 'clock', detail: expect.stringMatching(/(?:59\.[5-9]|60\.\d) s ahead of/) });
  expect(others).toEqual([]);
  aheadMs = 0;
  expect((await readiness.check()).every(({ ready }) => ready)).toBe(true);
  await state.close();
  await database.drop();
});
