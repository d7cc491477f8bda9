import { expect, it } from 'vitest';
import { type DisputeFacts, disputeFindings } from './dispute-findings.ts';

const NONE: DisputeFacts = { open: [], shown: null, ended: [] };
const found = (facts: Partial<DisputeFacts>) => disputeFindings({ ...NONE, ...facts });

it('finds nothing where nodes agree, or one is a moment ahead of the others', () => {
  expect(found({})).toEqual([]);
  expect(found({ open: [{ requestId: 'a', forMs: 29_999 }], shown: 'x' })).toEqual([]);
});

it('tells for how long and of what too few agree, and what each node shows', () => {
  const open = [
    { requestId: 'a', forMs: 299_999 },
    { requestId: 'b', forMs: 30_000 },
    { requestId: 'c', forMs: 0 },
  ];
  expect(found({ open, shown: 'one.example does not find it' })).toMatchObject([
    {
      severity: 'notice',
      code: 'NODES_DISAGREE',
      what: 'too few RPC nodes agree on the end of 2 requests, for 4 min: one.example does not find it',
      subjects: ['a', 'b'],
    },
  ]);
});

it('is a problem after five minutes', () => {
  expect(found({ open: [{ requestId: 'a', forMs: 300_000 }], shown: 'x' })).toMatchObject([{ severity: 'problem' }]);
});

it('tells of those that ended so', () => {
  expect(found({ ended: ['b', 'a'] })).toMatchObject([
    { severity: 'problem', code: 'OUTCOME_NOT_AGREED', subjects: ['b', 'a'] },
  ]);
});
