// Owns which time zones a bundle's data name: the input says the time in each of them.
import { isTimeZone } from '../../core/policy-input/local-time.ts';

const MOST_ZONES = 16;

/** Sorted IANA names: every text under a key `time_zone`, anywhere in the data. Throws for one that does not exist, and for too many. */
export function timeZonesIn(data: Uint8Array): readonly string[] {
  const found = new Set<string>();
  const left: unknown[] = [JSON.parse(new TextDecoder().decode(data))];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if (key === 'time_zone' && typeof member === 'string') found.add(member);
      else left.push(member);
    }
  }
  const zones = [...found].sort();
  const unknown = zones.find((zone) => !isTimeZone(zone));
  if (unknown !== undefined) {
    throw new Error(
      `the policy data name the time zone ${unknown}, which does not exist; an IANA name is wanted, such as Europe/Zurich`,
    );
  }
  if (zones.length > MOST_ZONES) {
    throw new Error(`the policy data name ${zones.length} time zones; at most ${MOST_ZONES} are told`);
  }
  return zones;
}
