import { describe, expect, it } from 'vitest';
import type { FireblocksAnswer, FireblocksApi } from './fireblocks-api.ts';
import { awaitTransaction, createdIn, type Whereabouts } from './raw-transaction.ts';

const EXTERNAL_ID = 'countersign-1';

const answered = (changes: object): FireblocksAnswer => ({
  kind: 'answered',
  body: { id: 't-1', externalTxId: EXTERNAL_ID, status: 'COMPLETED', ...changes },
});
const error = (status: number, retryAfterMs?: number): FireblocksAnswer => ({
  kind: 'error',
  fault: { status, code: null, message: `status ${status}`, isFireblocks: true },
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Gives these answers, one after the other. */
function scripted(...answers: readonly FireblocksAnswer[]) {
  const asked: { readonly path: string; readonly at: number }[] = [];
  const api: FireblocksApi = {
    call: async ({ path }) => {
      asked.push({ path, at: performance.now() });
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new Error('it was asked once too often');
      return answer;
    },
    close: () => undefined,
  };
  const wait = (where: Whereabouts = { id: 't-1' }, signal = AbortSignal.timeout(5_000)) =>
    awaitTransaction(api, EXTERNAL_ID, where, signal);
  return { asked, wait };
}

describe('a transaction that was created', () => {
  it.each([
    ['nothing', undefined],
    ['a page', '<html>'],
    ['one without an id', { status: 'SUBMITTED' }],
    ['one whose id is a path', { id: '../t', status: 'SUBMITTED' }],
    ['one without a status', { id: 't-1' }],
  ])('is not seen in %s', (_name, body) => {
    expect(createdIn(body)).toBeNull();
    expect(createdIn({ id: 't-1', status: 'SUBMITTED' })).toBe('t-1');
  });

  it('is asked for until it has ended, whatever goes wrong for a while', async () => {
    const lost = { kind: 'lost', reason: 'away', mayHaveArrived: true } as const;
    const { asked, wait } = scripted(lost, error(404), error(503), answered({}));
    expect(await wait()).toMatchObject({ kind: 'ended', transaction: { status: 'COMPLETED' } });
    expect(new Set(asked.map(({ path }) => path))).toEqual(new Set(['/transactions/t-1']));
  });

  it.each(['PENDING_AUTHORIZATION', 'PENDING_SIGNATURE', 'QUEUED', 'A_STATUS_OF_TOMORROW'])(
    'is still at work where it is %s',
    async (status) => {
      const { wait } = scripted(answered({ status }), answered({ status: 'FAILED' }));
      expect(await wait()).toMatchObject({ kind: 'ended', transaction: { status: 'FAILED' } });
    },
  );

  it('is asked for at once, by its external id, where it was there before', async () => {
    const { asked, wait } = scripted(error(404), answered({ id: 't-9' }));
    const started = performance.now();
    expect(await wait({ externalTxId: EXTERNAL_ID })).toMatchObject({ kind: 'ended', transaction: { id: 't-9' } });
    expect((asked[0]?.at ?? 0) - started).toBeLessThan(100);
    expect(asked[1]?.path).toBe(`/transactions/external_tx_id/${EXTERNAL_ID}`);
  });

  it('is left alone as long as Fireblocks asks', async () => {
    const { asked, wait } = scripted(error(429, 700), answered({}));
    expect((await wait()).kind).toBe('ended');
    expect((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThanOrEqual(690);
  });

  it.each([
    ['the API user is not taken any more', error(401)],
    ['there is no key any more', { kind: 'no secret', field: 'x', reason: 'gone' } as const],
    ['another transaction is shown', answered({ id: 't-2' })],
    ['a transaction of somebody else is shown', answered({ externalTxId: 'theirs' })],
    ['something else is shown', { kind: 'answered', body: 'welcome' } as const],
  ])('stays open where %s', async (_name, answer) => {
    expect(await scripted(answer).wait()).toMatchObject({
      kind: 'open',
      reason: expect.stringContaining('transaction t-1'),
    });
  });

  it.each([
    ['is asked too much', error(429, 10_000), 'throttled'],
    ['is at work', answered({ status: 'PENDING_SIGNATURE' }), null],
    ['fails', error(503), null],
  ])('says what it was that kept it open where Fireblocks %s until the end', async (_name, answer, cause) => {
    const { wait } = scripted(answered({ status: 'PENDING_AUTHORIZATION' }), answer);
    expect(await wait({ id: 't-1' }, AbortSignal.timeout(700))).toMatchObject({ kind: 'open', cause });
  });

  it('stays open when the call ends, and says what it was', async () => {
    const { wait } = scripted(answered({ status: 'PENDING_AUTHORIZATION' }));
    expect(await wait({ id: 't-1' }, AbortSignal.timeout(300))).toMatchObject({
      kind: 'open',
      cause: 'open',
      reason: expect.stringContaining('PENDING_AUTHORIZATION'),
    });
    const { asked, wait: unasked } = scripted();
    expect((await unasked({ id: 't-1' }, AbortSignal.abort())).kind).toBe('open');
    expect(asked).toEqual([]);
  });
});
