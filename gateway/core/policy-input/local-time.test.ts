import { describe, expect, it } from 'vitest';
import { isTimeZone, localTimes, localTimesJson } from './local-time.ts';

const at = (time: string, zone: string) => localTimes(Date.parse(time), [zone])[zone];

describe('the local time', () => {
  it.each([
    ['2026-11-21T22:59:59Z', 'Europe/Zurich', '2026-11-21', 'saturday', 23 * 60 + 59],
    ['2026-11-21T23:00:00Z', 'Europe/Zurich', '2026-11-22', 'sunday', 0],
    ['2026-07-01T12:00:00Z', 'Europe/Zurich', '2026-07-01', 'wednesday', 14 * 60],
    // The clock goes from 01:59 to 03:00, and in autumn from 02:59 back to 02:00.
    ['2026-03-29T00:59:59Z', 'Europe/Zurich', '2026-03-29', 'sunday', 119],
    ['2026-03-29T01:00:00Z', 'Europe/Zurich', '2026-03-29', 'sunday', 180],
    ['2026-10-25T00:59:00Z', 'Europe/Zurich', '2026-10-25', 'sunday', 179],
    ['2026-10-25T01:00:00Z', 'Europe/Zurich', '2026-10-25', 'sunday', 120],
    ['2026-01-01T00:10:00Z', 'Asia/Kathmandu', '2026-01-01', 'thursday', 355],
    ['2024-02-29T12:00:00Z', 'America/New_York', '2024-02-29', 'thursday', 420],
    ['2026-12-31T23:30:00Z', 'UTC', '2026-12-31', 'thursday', 1410],
  ])('of %s in %s', (time, zone, date, weekday, minuteOfDay) => {
    expect(at(time, zone)).toEqual({ date, weekday, minuteOfDay });
  });

  it('is that of the moment it is asked for, not of an earlier one', () => {
    expect(at('2026-01-01T00:00:30Z', 'UTC')?.minuteOfDay).toBe(0);
    expect(at('2026-01-01T00:01:00Z', 'UTC')?.minuteOfDay).toBe(1);
    expect(at('2026-01-01T00:00:59Z', 'UTC')?.minuteOfDay).toBe(0);
  });

  it('stands in canonical JSON', () => {
    const zones = ['UTC', 'Europe/Zurich'];
    expect(localTimesJson(localTimes(Date.parse('2026-01-01T00:00:00Z'), zones))).toBe(
      '{"Europe/Zurich":{"date":"2026-01-01","minute_of_day":60,"weekday":"thursday"},"UTC":{"date":"2026-01-01","minute_of_day":0,"weekday":"thursday"}}',
    );
  });

  it('is of no zone that does not exist', () => {
    expect(isTimeZone('Europe/Zurich')).toBe(true);
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
    expect(() => localTimes(0, ['Europe/Atlantis'])).toThrow(RangeError);
  });
});
