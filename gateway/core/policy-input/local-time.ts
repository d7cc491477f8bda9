// Owns what the clock shows in a time zone, summer time included, as the policy input says it.
import { canonicalJson } from '../canonical-json.ts';

export interface LocalTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly weekday: (typeof WEEKDAYS)[number];
  /** Minutes that the clock shows past midnight, 0 to 1439. */
  readonly minuteOfDay: number;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const MINUTE_MS = 60_000;

/** `time`: unix milliseconds. Throws RangeError for a name that is no time zone. */
export function localTimes(time: number, zones: readonly string[]): Readonly<Record<string, LocalTime>> {
  return Object.fromEntries(zones.map((zone) => [zone, localTime(time, zone)]));
}

export function localTimesJson(times: Readonly<Record<string, LocalTime>>): string {
  const written = Object.entries(times).map(([zone, { date, weekday, minuteOfDay }]) => [
    zone,
    { date, minute_of_day: BigInt(minuteOfDay), weekday },
  ]);
  return canonicalJson(Object.fromEntries(written));
}

/** Whether the runtime knows the zone. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function localTime(time: number, zone: string): LocalTime {
  const clock = clockOf(zone);
  const minute = Math.floor(time / MINUTE_MS);
  // Every zone changes its clock at a whole minute of universal time.
  if (clock.minute !== minute) {
    clock.shown = shownBy(clock.format, time);
    clock.minute = minute;
  }
  return clock.shown;
}

interface Clock {
  readonly format: Intl.DateTimeFormat;
  minute: number;
  shown: LocalTime;
}

/** Making a format takes longer than a judgement. The names come from policy data, and are few. */
const clocks = new Map<string, Clock>();

function clockOf(zone: string): Clock {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const format = formatOf(zone);
  const clock = { format, minute: 0, shown: shownBy(format, 0) };
  clocks.set(zone, clock);
  return clock;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
}

function shownBy(format: Intl.DateTimeFormat, time: number): LocalTime {
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'sunday';
  return { date, weekday, minuteOfDay: Number(part('hour')) * 60 + Number(part('minute')) };
}
