import { describe, expect, it } from 'vitest';
import { meaningOf } from './fault-meaning.ts';

const fault = { message: 'words', isPrivys: true };

describe('a fault of Privy', () => {
  it.each([
    [400, 'policy_violation', 'refusal'],
    [403, 'policy_violation', 'refusal'],
    [400, null, 'refusal'],
    [422, 'invalid_data', 'refusal'],
    [401, null, 'credentials'],
    [403, null, 'credentials'],
    [401, 'missing_or_empty_authorization_header', 'authorization'],
    [400, 'insufficient_correct_authorization_signatures', 'authorization'],
    [404, null, 'no such wallet'],
    [429, null, 'closed'],
    [409, null, 'outage'],
    [500, null, 'outage'],
    [302, null, 'outage'],
  ])('with status %i and code %s is: %s', (status, code, meaning) => {
    expect(meaningOf({ ...fault, status, code })).toBe(meaning);
  });

  it('is an outage where something else answers in its place, unless that only asks to wait', () => {
    const meanings = [400, 401, 403, 404, 429].map((status) =>
      meaningOf({ ...fault, status, code: null, isPrivys: false }),
    );
    expect(meanings).toEqual(['outage', 'outage', 'outage', 'outage', 'closed']);
  });
});
