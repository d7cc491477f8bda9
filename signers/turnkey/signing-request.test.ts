import { describe, expect, it } from 'vitest';
import type { Activity } from './activity.ts';
import { signingRequest } from './signing-request.ts';

const HALF = 'ab'.repeat(32);

function signatureFrom(halves: { readonly r: string; readonly s: string } | undefined): Uint8Array | null {
  const reading = signingRequest({ address: '1', signWith: '1' }, Buffer.from('Sign in'), {
    kind: 'message',
    deadline: Date.now() + 1_000,
    idempotencyKey: 'one',
    signal: new AbortController().signal,
  });
  if (reading.kind === 'unfit') throw new Error(reading.reason);
  const activity: Activity = {
    id: 'a',
    organizationId: 'o',
    type: reading.request.type,
    status: 'ACTIVITY_STATUS_COMPLETED',
    result: halves && { signRawPayloadResult: halves },
  };
  const own = reading.request.signatureIn(activity);
  return own.kind === 'found' ? own.signature : null;
}

describe('the signature in the result of a raw payload', () => {
  it('is its halves, one behind the other', () => {
    expect(signatureFrom({ r: HALF, s: HALF })).toEqual(new Uint8Array(64).fill(0xab));
  });

  it('has zeros in front of a half where Turnkey left them out', () => {
    const signature = signatureFrom({ r: 'ab'.repeat(31), s: 'ab'.repeat(30) });
    expect([signature?.[0], signature?.[1], signature?.[32], signature?.[33], signature?.[34]]).toEqual([
      0, 0xab, 0, 0, 0xab,
    ]);
    expect(signature?.length).toBe(64);
  });

  it.each([
    ['a half is missing', { r: HALF, s: '' }],
    ['a half is too long', { r: `${HALF}00`, s: HALF }],
    ['a half is no hex', { r: HALF, s: 'xy'.repeat(32) }],
    ['there is no result', undefined],
  ])('is none where %s', (_name, halves) => {
    expect(signatureFrom(halves)).toBeNull();
  });
});
