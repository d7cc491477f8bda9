import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical-json.ts';
import type { Limit, Reason, Verdict } from './decision.ts';
import { differenceOf } from './difference.ts';
import { parseVerdict } from './parse-verdict.ts';
import { verdictJson } from './verdict-json.ts';

const REASON: Reason = { code: 'WHY', rule: 'x', message: 'found', remedy: 'at most 5', facts: { amount: '6' } };
const APPROVAL = { quorum: 1, groups: ['treasurers'], timeoutSeconds: 60 };
const LIMIT: Limit = {
  id: 'a',
  scope: 'wallet',
  measure: { kind: 'outflow', asset: 'SOL', recipient: 'Stake11111111111111111111111111111111111111' },
  window: { kind: 'calendar', unit: 'day', timeZone: 'UTC' },
  max: 2n ** 70n,
  onExceed: { kind: 'require_approval', approval: APPROVAL },
};
const ALLOW: Verdict = { kind: 'allow', reasons: [REASON] };
const DENY: Verdict = { kind: 'deny', reasons: [REASON] };
const ASK: Verdict = { kind: 'require_approval', reasons: [REASON], approval: APPROVAL };

describe('the difference between two verdicts', () => {
  it.each<[Verdict, Verdict, string | null]>([
    [ALLOW, ALLOW, null],
    [ALLOW, DENY, 'newly_denied'],
    [ASK, DENY, 'newly_denied'],
    [DENY, ALLOW, 'newly_allowed'],
    [ASK, ALLOW, 'newly_allowed'],
    [ALLOW, ASK, 'newly_asked'],
    [DENY, ASK, 'newly_allowed'],
    [DENY, { ...DENY, reasons: [{ ...REASON, facts: { amount: '7' } }] }, 'other_reasons'],
    [DENY, { ...DENY, reasons: [{ ...REASON, remedy: 'at most 6' }] }, 'other_reasons'],
    [DENY, { ...DENY, reasons: [{ ...REASON, facts: { sum: '6' } }] }, 'other_reasons'],
    [DENY, { ...DENY, reasons: [REASON, REASON] }, 'other_reasons'],
    [ALLOW, { ...ALLOW, reasons: [{ ...REASON, facts: { ...REASON.facts } }] }, null],
    [ASK, { ...ASK, approval: { ...APPROVAL, quorum: 2 } }, 'other_reasons'],
    [ALLOW, { ...ALLOW, limits: [LIMIT] }, 'other_reasons'],
  ])('%#', (before, after, difference) => {
    expect(differenceOf(before, after)).toBe(difference);
  });
});

describe('a verdict as a document', () => {
  it.each<[Verdict]>([
    [ALLOW],
    [DENY],
    [ASK],
    [
      {
        ...ALLOW,
        limits: [LIMIT, { ...LIMIT, id: 'b', window: { kind: 'rolling', seconds: 60 }, onExceed: { kind: 'deny' } }],
      },
    ],
    [{ ...ASK, limits: [{ ...LIMIT, measure: { kind: 'count' }, window: { kind: 'lifetime' } }] }],
  ])('is read back as it was: %#', (verdict) => {
    expect(parseVerdict(canonicalJson(verdictJson(verdict)))).toEqual(verdict);
  });
});
