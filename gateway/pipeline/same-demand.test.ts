import { expect, it } from 'vitest';
import type { Judgement } from '../state/state.ts';
import { sameDemand } from './same-demand.ts';

const INPUT = '{"effects":{"outflows":[{"amount":9007199254740993,"asset":"SOL"}]},"request":{"time":"1"},"v":1}';

it('takes a judgement with other times but the same message, effects and demand for the same', () => {
  expect(sameDemand(judgement({}), judgement({ input: INPUT.replace('"time":"1"', '"time":"2"') }))).toBe(true);
});

it.each([
  ['an amount that differs by one above 2^53', { input: INPUT.replace('9007199254740993', '9007199254740992') }],
  ['another message', { intent: 2 }],
  ['a higher quorum', { quorum: 2 }],
  ['other groups', { groups: ['security'] }],
])('does not take %s for the same', (_case, change) => {
  expect(sameDemand(judgement({}), judgement(change))).toBe(false);
});

it('does not take a judgement that needs no approval for the same', () => {
  const allowed: Judgement = {
    ...judgement({}),
    decision: { ...judgement({}).decision, verdict: { kind: 'allow', reasons: [] } },
  };
  expect(sameDemand(judgement({}), allowed)).toBe(false);
  expect(sameDemand(allowed, judgement({}))).toBe(false);
});

it('throws for a recorded input without effects rather than comparing nothing', () => {
  expect(() => sameDemand(judgement({ input: '{}' }), judgement({ input: '{}' }))).toThrow('no effects');
});

function judgement(change: {
  readonly input?: string;
  readonly intent?: number;
  readonly quorum?: number;
  readonly groups?: readonly string[];
}): Judgement {
  const { input = INPUT, intent = 1, quorum = 1, groups = [] } = change;
  return {
    decision: {
      decisionId: crypto.randomUUID(),
      verdict: { kind: 'require_approval', reasons: [], approval: { quorum, groups, timeoutSeconds: 60 } },
      bundleRevision: 'r1',
      inputDigest: new Uint8Array(32),
    },
    policyInput: new TextEncoder().encode(input),
    transaction: new Uint8Array(),
    messageDigest: new Uint8Array(32),
    intentDigest: new Uint8Array(32).fill(intent),
    lastValidBlockHeight: null,
  };
}
