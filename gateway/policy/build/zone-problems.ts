// Owns which time zones in policy data nobody knows: whoever serves the data has to say the time in each of them.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { isJsonList } from '../../core/decision/json-value.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { isTimeZone } from '../../core/policy-input/local-time.ts';
import type { Sentence } from './schema-sentences.ts';

const KEY = 'time_zone';

/** Every text under the key `time_zone`, anywhere. */
export function* zoneProblems(value: CanonicalValue, path: Sentence['path']): Generator<Sentence> {
  if (typeof value !== 'object' || value === null) return;
  if (isJsonList(value)) {
    for (const [at, item] of value.entries()) yield* zoneProblems(item, [...path, at]);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === KEY && typeof member === 'string' && !isTimeZone(member)) {
      yield { path: [...path, key], sentence: unknown(member), ofTheWhole: true };
    } else yield* zoneProblems(member, [...path, key]);
  }
}

function unknown(name: string): string {
  const meant = nearestName(name, Intl.supportedValuesOf('timeZone'));
  return `there is no time zone "${name}"; ${meant === null ? 'an IANA name is wanted, such as Europe/Zurich' : `is it ${meant}?`}`;
}
