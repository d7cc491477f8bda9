import { describe, expect, it } from 'vitest';
import { type Activity, activityIn, awaitActivity } from './activity.ts';
import type { TurnkeyAnswer, TurnkeyApi } from './turnkey-api.ts';

const EXPECTED = { organizationId: 'organization', type: 'ACTIVITY_TYPE_SIGN_TRANSACTION_V2' };
const SUBMITTED: Activity = { ...EXPECTED, id: 'a-1', status: 'ACTIVITY_STATUS_PENDING' };

const answered = (changes: object): TurnkeyAnswer => ({
  kind: 'answered',
  body: { activity: { ...SUBMITTED, ...changes } },
});
const DONE = answered({ status: 'ACTIVITY_STATUS_COMPLETED' });
const error = (status: number, retryAfterMs?: number): TurnkeyAnswer => ({
  kind: 'error',
  fault: { status, code: null, message: `status ${status}`, isTurnkeys: true },
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Gives these answers, one after the other. */
function scripted(...answers: readonly TurnkeyAnswer[]) {
  const asked: { readonly path: string; readonly body: string; readonly at: number }[] = [];
  const api: TurnkeyApi = {
    post: async (path, body) => {
      asked.push({ path, body, at: performance.now() });
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new Error('it was asked once too often');
      return answer;
    },
    close: () => undefined,
  };
  return { asked, wait: (signal = AbortSignal.timeout(5_000)) => awaitActivity(api, EXPECTED, SUBMITTED, signal) };
}

describe('an activity', () => {
  it.each([
    ['of another organization', { organizationId: 'other' }],
    ['of another type', { type: 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2' }],
    ['without an id', { id: '' }],
    ['with an id that is none', { id: 'a\nb' }],
    ['without a status', { status: undefined }],
    ['whose result has another shape', { result: { signTransactionResult: 'signed' } }],
  ])('is not believed: one %s', (_name, changes) => {
    expect(activityIn({ activity: SUBMITTED }, EXPECTED)).toEqual(SUBMITTED);
    expect(activityIn({ activity: { ...SUBMITTED, ...changes } }, EXPECTED)).toBeNull();
  });

  it('is asked for until it has ended, whatever goes wrong for a while', async () => {
    const lost = { kind: 'lost', reason: 'away', mayHaveArrived: false } as const;
    const { asked, wait } = scripted(lost, error(503), DONE);
    expect(await wait()).toMatchObject({ kind: 'ended', activity: { status: 'ACTIVITY_STATUS_COMPLETED' } });
    expect(new Set(asked.map(({ path, body }) => `${path} ${body}`))).toEqual(
      new Set(['/public/v1/query/get_activity {"organizationId":"organization","activityId":"a-1"}']),
    );
  });

  it('is left alone as long as Turnkey asks', async () => {
    const { asked, wait } = scripted(error(429, 700), DONE);
    expect((await wait()).kind).toBe('ended');
    expect((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThanOrEqual(690);
  });

  it.each([
    ['the API key is not taken any more', error(401)],
    ['there is no API key any more', { kind: 'no secret', field: 'api_private_key_file', reason: 'gone' } as const],
    ['another activity is shown', answered({ id: 'a-2', status: 'ACTIVITY_STATUS_COMPLETED' })],
    ['something else is shown', { kind: 'answered', body: 'welcome' } as const],
  ])('stays open where %s', async (_name, answer) => {
    expect(await scripted(answer).wait()).toMatchObject({
      kind: 'open',
      reason: expect.stringContaining('activity a-1'),
    });
  });

  it.each([
    ['is asked too much', error(429, 10_000), true],
    ['fails', error(503, 10_000), false],
  ])('stays open when the call ends, and says whether Turnkey %s', async (_name, answer, isThrottled) => {
    expect(await scripted(answer).wait(AbortSignal.timeout(400))).toMatchObject({ kind: 'open', isThrottled });
  });

  it('stays open when the call ends, before it is asked for', async () => {
    const { asked, wait } = scripted();
    expect((await wait(AbortSignal.abort())).kind).toBe('open');
    expect(asked).toEqual([]);
  });
});
