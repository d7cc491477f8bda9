// Owns where days, weeks and months begin and end by the clock of a time zone, as Postgres counts them for limits.
import { localTimes } from '../policy-input/local-time.ts';

export type CalendarUnit = 'day' | 'week' | 'month';

/** Unix milliseconds; `end` is the first that is not within. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No clock is further than this from universal time. */
const FURTHEST_MS = 26 * 3_600_000;

/** The last period of each unit and zone: what is asked for comes in order of time. */
const periods = new Map<string, Period>();

/** The day, week (from Monday) or month that `time`, unix milliseconds, is in. Throws RangeError for a name that is no time zone. */
export function periodAt(time: number, unit: CalendarUnit, timeZone: string): Period {
  const key = `${unit} ${timeZone}`;
  const known = periods.get(key);
  if (known !== undefined && known.start <= time && time < known.end) return known;
  const [first, next] = datesAround(dateIn(time, timeZone), unit);
  const period = { start: firstInstantOf(first, timeZone), end: firstInstantOf(next, timeZone) };
  periods.set(key, period);
  return period;
}

/** The first date of the unit that holds this one, and of the unit after it: midnights of universal time. */
function datesAround(date: string, unit: CalendarUnit): readonly [number, number] {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const day = new Date(midnight);
  switch (unit) {
    case 'day':
      return [midnight, midnight + DAY_MS];
    case 'week': {
      const monday = midnight - ((day.getUTCDay() + 6) % 7) * DAY_MS;
      return [monday, monday + 7 * DAY_MS];
    }
    case 'month': {
      const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
      return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
    }
  }
}

/** The first minute at which the clock shows the date, or a later one where it skips that. */
function firstInstantOf(midnight: number, timeZone: string): number {
  const date = new Date(midnight).toISOString().slice(0, 10);
  let before = (midnight - FURTHEST_MS) / MINUTE_MS;
  let reached = (midnight + FURTHEST_MS) / MINUTE_MS;
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2);
    if (dateIn(middle * MINUTE_MS, timeZone) >= date) reached = middle;
    else before = middle;
  }
  return reached * MINUTE_MS;
}

function dateIn(time: number, timeZone: string): string {
  return localTimes(time, [timeZone])[timeZone]?.date ?? '';
}
