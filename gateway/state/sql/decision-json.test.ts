import { describe, expect, it } from 'vitest';
import type { Decision, Limit, Verdict } from '../../core/decision/decision.ts';
import { decisionJson, parseDecision } from './decision-json.ts';

const APPROVAL = { quorum: 2, groups: ['treasurers'], timeoutSeconds: 60 };
const LIMITS: readonly Limit[] = [
  {
    id: 'spending_limit/SOL/rolling:86400/agent_wallet',
    scope: 'agent_wallet',
    measure: { kind: 'outflow', asset: 'SOL', recipient: 'Stake11111111111111111111111111111111111111' },
    window: { kind: 'rolling', seconds: 86_400 },
    max: 2n ** 64n + 1n,
    onExceed: { kind: 'deny' },
  },
  {
    id: 'rate_limit/calendar:day:Europe/Zurich/wallet',
    scope: 'wallet',
    measure: { kind: 'count' },
    window: { kind: 'calendar', unit: 'day', timeZone: 'Europe/Zurich' },
    max: 0n,
    onExceed: { kind: 'require_approval', approval: APPROVAL },
  },
];

function decision(verdict: Verdict): Decision {
  return { decisionId: 'd', bundleRevision: 'r1', inputDigest: new Uint8Array(32).fill(7), verdict };
}

describe('a decision in the database', () => {
  it.each<[string, Verdict]>([
    ['that allows', { kind: 'allow', reasons: [] }],
    ['that allows within limits of any size', { kind: 'allow', reasons: [], limits: LIMITS }],
    ['that asks, with limits', { kind: 'require_approval', reasons: [], approval: APPROVAL, limits: LIMITS }],
    [
      'that denies, with a remedy',
      { kind: 'deny', reasons: [{ code: 'NO', rule: 'x', message: 'found', remedy: 'at most 5', facts: { a: '6' } }] },
    ],
  ])('%s is read as it was written', (_, verdict) => {
    expect(parseDecision(JSON.parse(decisionJson(decision(verdict))))).toEqual(decision(verdict));
  });

  it.each([
    ['a limit without a maximum', { max: undefined }],
    ['a maximum that is a number', { max: 5 }],
    ['a window of another kind', { window: { kind: 'hourly' } }],
  ])('with %s cannot be read', (_, change) => {
    const written = JSON.parse(decisionJson(decision({ kind: 'allow', reasons: [], limits: LIMITS })));
    Object.assign(written.verdict.limits[0], change);
    expect(() => parseDecision(written)).toThrow('decision');
  });
});
