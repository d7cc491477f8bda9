import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from './evidence.ts';
import { peakOf } from './limit-oracle.ts';
import { violationsIn } from './oracle.ts';
import { LIMIT, landing, replaced, SOUND, signature } from './sound-run.ts';
import type { Use } from './uses.ts';

it('finds nothing where every promise was kept', () => {
  expect(violationsIn(SOUND)).toEqual([]);
});

describe('finds', () => {
  const { answers, landings, requests, signatures } = SOUND;
  const book = SOUND.budgets[0] ?? { name: '', reserved: 0n, open: 0n, settled: 0n };
  it.each<[string, Partial<Evidence>, RegExp]>([
    ['more in a window than its limit', { limits: [{ ...LIMIT, max: 10_000_002n }] }, /10000003 within one window/],
    ['a limit that was never met', { limits: [{ ...LIMIT, max: 17_000_000n }] }, /the run proves nothing/],
    ['a run in which nothing was denied', { requests: replaced(requests, 3, { reason: 'OTHER' }) }, /proves nothing/],
    ['money that left by what nobody saw land', { walletAfter: SOUND.walletAfter - 1n }, /but what landed tells of/],
    ['what landed without a request', { signatures: signatures.slice(1) }, /no request was signed so/],
    [
      'one signature of two requests',
      { signatures: [...signatures, { ...signature(0), requestId: 'r1' }] },
      /for 2 requests/,
    ],
    [
      'a request that is recorded with another signature',
      { requests: replaced(requests, 0, { signature: 's9' }) },
      /recorded with another/,
    ],
    [
      'an ask that was executed twice',
      {
        landings: [...landings, landing(0, { signature: 's3', time: 9_000 })],
        signatures: [...signatures, signature(3)],
        requests: replaced(requests, 3, { state: 'FINALIZED', signature: 's3' }),
      },
      /the ask 0 was executed twice/,
    ],
    [
      'another amount than was asked',
      { landings: replaced(landings, 0, { lamports: 5_000_001n }) },
      /which nobody asked for/,
    ],
    [
      'a request that did not end',
      { requests: replaced(requests, 1, { state: 'SUBMITTED' }) },
      /r1 is still SUBMITTED/,
    ],
    [
      'a landing that is not recorded',
      { requests: replaced(requests, 1, { state: 'EXPIRED' }) },
      /r1 is EXPIRED, and should be FINALIZED/,
    ],
    [
      'a failure that is recorded as a success',
      { requests: replaced(requests, 2, { state: 'FINALIZED' }) },
      /should be FAILED/,
    ],
    ['a success that never landed', { landings: landings.slice(1) }, /should be EXPIRED/],
    [
      'a denial of what was signed',
      { answers: replaced(answers, 0, { kind: 'denied', signature: null }) },
      /answered denied, but r0 is FINALIZED/,
    ],
    ['an answer that is not recorded', { answers: replaced(answers, 0, { requestId: 'r9' }) }, /which is not recorded/],
    [
      'two answers to one key',
      { answers: [...answers, { ask: 0, kind: 'signed', requestId: 'r1', signature: 's1' }] },
      /and later signed as r1/,
    ],
    ['a key without an answer', { answers: answers.slice(1) }, /the ask 0 never got an answer/],
    ['a reservation that nothing holds', { budgets: [{ ...book, open: 1n }] }, /1 open, though all is decided/],
    ['a sum of reservations that is not theirs', { budgets: [{ ...book, reserved: 1n }] }, /1 reserved/],
    [
      'books that do not say what landed',
      { budgets: [{ ...book, settled: 10_000_004n }] },
      /settled, and 10000003 used/,
    ],
    ['a budget that is not there', { budgets: [] }, /no such budget/],
    [
      'a broken audit chain',
      { chain: { kind: 'broken', sequence: 7n, reason: 'it was edited' } },
      /broken at 7: it was edited/,
    ],
    ['a signature without an intent', { intents: { kind: 'broken', sequence: 7n, reason: 'no intent' } }, /no intent/],
    [
      'a signature that is not audited',
      { intents: { kind: 'intact', signatures: 2n } },
      /tells of 2 signatures, the requests of 3/,
    ],
    ['a deadlock', { deadlocks: 1 }, /1 deadlocks/],
    ['a fault that an agent should not see', { faults: ['the ask 1 met INTERNAL'] }, /met INTERNAL/],
  ])('%s', (_what, change, told) => {
    expect(violationsIn({ ...SOUND, ...change }).join('\n')).toMatch(told);
  });
});

describe('the most within one window', () => {
  const use = fc.record({
    time: fc.integer({ min: 0, max: 5_000 }),
    day: fc.constant(0),
    amount: fc.bigInt({ min: 1n, max: 99n }),
  });
  const sum = (uses: readonly Use[]) => uses.reduce((total, { amount }) => total + amount, 0n);

  it('is that of all windows that begin with a use', () => {
    fc.assert(
      fc.property(fc.array(use, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (uses, seconds) => {
        const windows = uses.map(({ time: begin }) =>
          sum(uses.filter(({ time }) => time >= begin && time < begin + seconds * 1000)),
        );
        const most = windows.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
        expect(peakOf({ window: { kind: 'rolling', seconds } }, uses)).toBe(most);
      }),
    );
  });

  it('of a day is that of the fullest, and of a lifetime all', () => {
    const uses = [1, 2, 2].map((day, i) => ({ time: i, day, amount: BigInt(i + 1) }));
    expect(peakOf({ window: { kind: 'day' } }, uses)).toBe(5n);
    expect(peakOf({ window: { kind: 'lifetime' } }, uses)).toBe(6n);
  });
});
