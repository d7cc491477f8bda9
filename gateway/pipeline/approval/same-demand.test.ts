import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../state/contract/request-store.ts';
import { sameDemand } from './same-demand.ts';

const INPUT =
  '{"effects":{"outflows":[{"amount":9007199254740993,"asset":"SOL"}]},"request":{"time":"1"},"simulation":{"status":"not_run"},"v":1}';
const SHOWN = {
  inflows: [{ asset: 'USDC', amount: 70 }],
  outflows: [{ asset: 'SOL', amount: 5 }],
  protected_balances: [{ account: 'Own', asset: 'SOL', outflow: 5, inflow: 1, net: -4 }],
  transfers: [{ asset: 'USDC', amount: 70 }],
};

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

describe('a simulation', () => {
  it('that shows other amounts coming in, or between others, is taken for the same', () => {
    const [balance] = SHOWN.protected_balances;
    const others = {
      inflows: [{ asset: 'USDC', amount: 71 }],
      protected_balances: [{ ...balance, inflow: 0, net: -5 }],
    };
    const now = { ...SHOWN, ...others, transfers: [] };
    expect(sameDemand(judgement({ input: simulated(SHOWN) }), judgement({ input: simulated(now) }))).toBe(true);
  });

  it.each<readonly [string, object]>([
    ['more of an asset that leaves', { outflows: [{ asset: 'SOL', amount: 6 }] }],
    ['another asset that comes in', { inflows: [{ asset: 'Fake', amount: 70 }] }],
    ['nothing that comes in', { inflows: [] }],
    ['an account of others that loses', { protected_balances: [{ account: 'Theirs', asset: 'SOL', outflow: 5 }] }],
    ...['outflows_by_recipient', 'creations', 'approvals', 'authority_changes', 'closes', 'supply_changes'].map(
      (name) => [name, { [name]: [{ account: 'A' }] }] as const,
    ),
    ...['operations', 'cpi_signers', 'mints', 'missing'].map((name) => [name, { [name]: [{ x: 'A' }] }] as const),
    ['rent', { rent_lamports: 1 }],
    ['a fee', { fee: { total_lamports: 1 } }],
  ])('that now shows %s is not', (_case, change) => {
    const now = simulated({ ...SHOWN, ...change });
    expect(sameDemand(judgement({ input: simulated(SHOWN) }), judgement({ input: now }))).toBe(false);
  });

  it('that there was not, or is not any more, is not', () => {
    expect(sameDemand(judgement({}), judgement({ input: simulated(SHOWN) }))).toBe(false);
    expect(sameDemand(judgement({ input: simulated(SHOWN) }), judgement({}))).toBe(false);
  });

  it('throws where it is recorded without effects, rather than comparing nothing', () => {
    const halves = [INPUT.replace('not_run', 'succeeded'), INPUT.replace('"simulation"', '"other"'), simulated({})];
    for (const input of halves) expect(() => sameDemand(judgement({ input }), judgement({ input }))).toThrow('has no');
  });
});

function simulated(effects: object): string {
  return INPUT.replace('{"status":"not_run"}', JSON.stringify({ status: 'succeeded', effects }));
}

it('throws for a recorded input without effects rather than comparing nothing', () => {
  expect(() => sameDemand(judgement({ input: '{}' }), judgement({ input: '{}' }))).toThrow('no effects');
});

describe('a message to be signed', () => {
  const MESSAGE = '{"message":{"envelope":"none","text":"sign in"},"request":{"time":"1"},"v":1}';

  it('is the same at another time, and not with another fact', () => {
    const seen = judgement({ input: MESSAGE });
    expect(sameDemand(seen, judgement({ input: MESSAGE.replace('"time":"1"', '"time":"2"') }))).toBe(true);
    expect(sameDemand(seen, judgement({ input: MESSAGE.replace('none', 'offchain_v0') }))).toBe(false);
    expect(sameDemand(seen, judgement({ input: MESSAGE, quorum: 2 }))).toBe(false);
  });

  it('is never the same as a transaction', () => {
    expect(sameDemand(judgement({ input: MESSAGE }), judgement({}))).toBe(false);
    expect(() => sameDemand(judgement({ input: '{"message":"x"}' }), judgement({}))).toThrow('has no message');
  });
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
