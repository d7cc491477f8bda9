import { describe, expect, it } from 'vitest';
import { statusOf } from '../../test/fakes/turnkey/faults.ts';
import { meaningOf } from './fault-meaning.ts';
import { faultOf } from './turnkey-api.ts';

const asIs = (text: string): string => text;

describe('a fault of Turnkey', () => {
  it.each([
    [403, 'REQUEST_NOT_AUTHORIZED', 'refusal'],
    [403, '', 'refusal'],
    [403, 'FORBIDDEN', 'credentials'],
    [403, 'API_OPERATIONS_DISABLED', 'closed'],
    [400, 'INVALID_TRANSACTION', 'refusal'],
    [400, 'ORGANIZATION_MISMATCH', 'organization'],
    [400, 'A_CODE_OF_TOMORROW', 'refusal'],
    [401, 'API_KEY_EXPIRED', 'credentials'],
    [401, '', 'credentials'],
    [404, '', 'no such key'],
    [404, 'ORGANIZATION_NOT_FOUND', 'organization'],
    [429, 'RATE_LIMIT_EXCEEDED', 'closed'],
    [429, 'SIGNING_QUOTA_EXCEEDED', 'closed'],
    [500, 'INTERNAL', 'outage'],
    [503, '', 'outage'],
    [302, '', 'outage'],
  ])('with status %i and code %s is: %s', (status, code, meaning) => {
    expect(meaningOf(faultOf(statusOf(2, code, 'words'), status, asIs))).toBe(meaning);
  });

  it('has its code beside the message, or in the details only', () => {
    const { turnkeyErrorCode: _, ...inDetails } = statusOf(7, 'FORBIDDEN', 'words');
    expect(faultOf(inDetails, 403, asIs).code).toBe('FORBIDDEN');
    expect(faultOf({ code: 7, message: 'words', turnkeyErrorCode: 'FORBIDDEN' }, 403, asIs).code).toBe('FORBIDDEN');
    expect(faultOf({ code: 7, message: 'words', turnkeyErrorCode: '<script>' }, 403, asIs).code).toBeNull();
  });

  it.each([undefined, null, 'Forbidden', { error: 'blocked' }])(
    'is an outage where %j answers in its place',
    (said) => {
      expect([400, 401, 403, 404].map((status) => meaningOf(faultOf(said, status, asIs)))).toEqual(
        new Array(4).fill('outage'),
      );
      expect(meaningOf(faultOf(said, 429, asIs))).toBe('closed');
    },
  );
});
