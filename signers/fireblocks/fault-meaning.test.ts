import { describe, expect, it } from 'vitest';
import { meaningOf } from './fault-meaning.ts';
import { faultOf } from './fireblocks-api.ts';

const asIs = (text: string): string => text;

describe('a fault of Fireblocks', () => {
  it.each([
    [400, 1438, 'known'],
    [400, 1503, 'no such asset'],
    [400, 999_999, 'refusal'],
    [400, undefined, 'refusal'],
    [401, -1, 'private key'],
    [401, -4, 'path'],
    [401, -7, 'api key'],
    [401, -8, 'api key'],
    [401, -10, 'clock'],
    [401, -12, 'clock'],
    [401, undefined, 'api key'],
    [403, undefined, 'api key'],
    [404, 1004, 'no such vault account'],
    [404, 1006, 'no such asset'],
    [404, undefined, 'no such vault account'],
    [429, undefined, 'closed'],
    [429, 1438, 'closed'],
    [500, undefined, 'outage'],
    [502, 1438, 'outage'],
    [302, undefined, 'outage'],
  ])('with status %i and code %s is: %s', (status, code, meaning) => {
    expect(meaningOf(faultOf({ message: 'words', code }, status, asIs))).toBe(meaning);
  });

  it.each([undefined, null, 'Forbidden', { error: 'blocked' }, { code: -1 }])(
    'is an outage where %j answers in its place',
    (said) => {
      expect([400, 401, 403, 404].map((status) => meaningOf(faultOf(said, status, asIs)))).toEqual(
        new Array(4).fill('outage'),
      );
      expect(meaningOf(faultOf(said, 429, asIs))).toBe('closed');
    },
  );
});
