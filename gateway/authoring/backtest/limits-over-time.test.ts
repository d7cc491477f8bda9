import { address } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { Limit, Verdict } from '../../core/decision/decision.ts';
import { differenceOf } from '../../core/decision/difference.ts';
import type { AssetTotal } from '../../core/effects/effects.ts';
import { sampleFacts } from '../../core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../../core/policy-input.ts';
import type { LoggedDecision, Outcome } from '../../policy/decision-log/decision-line.ts';
import { createLimitsOverTime } from './limits-over-time.ts';
import { renderLimits } from './render-limits.ts';

const FACTS = sampleFacts({
  agent: 'trader',
  wallet: 'treasury',
  walletAddress: address('BPFLoaderUpgradeab1e11111111111111111111111'),
  recipient: address('Stake11111111111111111111111111111111111111'),
});
const MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const NAMED = new Map([[MINT, { symbol: 'USDC', decimals: 6 }]]);
const DAY = 86_400_000;
const START = Date.UTC(2026, 5, 1);

const DAILY: Limit = {
  id: 'spending_limit/SOL/rolling:86400/agent_wallet',
  scope: 'agent_wallet',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'rolling', seconds: 86_400 },
  max: 100n,
  onExceed: { kind: 'deny' },
};
const APPROVAL = { quorum: 1, groups: [], timeoutSeconds: 60 };

/** Requests of one agent and wallet, each judged by limits of its own. */
function replay(limits: readonly Limit[] = [DAILY]) {
  const counted = createLimitsOverTime(2, NAMED);
  let count = 0;
  return {
    /** What the limits make of an allowed transfer at `at` milliseconds after the start. */
    sends(
      at: number,
      amount: bigint,
      outcome?: Outcome,
      then: Verdict = { kind: 'allow', reasons: [] },
      of: Pick<AssetTotal, 'asset' | 'decimals'> = { asset: 'SOL', decimals: 9 },
    ): Verdict {
      count += 1;
      const outflows = [{ ...of, amount }];
      const decision: LoggedDecision = {
        requestId: `request-${count}`,
        decisionId: 'd',
        agentId: 'trader',
        walletId: 'treasury',
        time: START + at,
        bundleRevision: 'r1',
        verdict: then,
        input: buildPolicyInput({ ...FACTS, effects: { ...FACTS.effects, outflows } }),
        ...(outcome === undefined ? {} : { outcome }),
      };
      return counted.held(decision, { kind: 'allow', reasons: [], limits });
    },
    result: counted.result,
    text: () => renderLimits(counted.result()).join('\n'),
  };
}

const landed = (at: number): Outcome => ({ state: 'FINALIZED', since: START + at });

describe('a backtest of limits over time', () => {
  it('denies what a window has no room for, and says by how much and when it will have', () => {
    const { sends, result, text } = replay();
    expect(sends(0, 60n, landed(10)).kind).toBe('allow');
    const denied = sends(1000, 50n, landed(1010));
    expect(denied).toMatchObject({
      kind: 'deny',
      reasons: [{ code: 'BUDGET_EXCEEDED', facts: { left: '40', fits_at: new Date(START + 10 + DAY).toISOString() } }],
    });
    // What was denied uses nothing.
    expect(sends(2000, 40n, landed(2010)).kind).toBe('allow');
    expect(sends(DAY + 9, 60n, landed(DAY + 9)).kind).toBe('deny');
    expect(sends(DAY + 10, 60n, landed(DAY + 20)).kind).toBe('allow');
    expect(result()).toMatchObject({ requests: 2, assumed: 0, exceeded: [{ requests: 2, most: 60n }] });
    expect(text()).toContain('over a limit over time: 2');
    expect(text()).toContain(
      `request request-2 of 2026-06-01T00:00:01.000Z: 0.00000005 SOL, 0.00000001 SOL more than was left; free for it from ${new Date(START + 10 + DAY).toISOString()} on`,
    );
  });

  it('counts what is open until it is settled, and gives back what failed', () => {
    const { sends } = replay();
    sends(0, 100n, { state: 'EXPIRED', since: START + 90_000 });
    expect(sends(89_999, 1n).kind).toBe('deny');
    expect(sends(90_000, 100n, { state: 'FAILED', since: START + 95_000 }).kind).toBe('allow');
    expect(sends(95_000, 100n, { state: 'INDETERMINATE', since: START + 95_000 }).kind).toBe('allow');
    // Nobody knows what became of it: it counts for ever.
    expect(sends(10 * DAY, 1n).kind).toBe('deny');
  });

  it('settles what overtakes another in the order in which it was settled', () => {
    const { sends } = replay();
    sends(0, 40n, landed(5000));
    sends(1, 40n, landed(3000));
    sends(2, 20n, { state: 'EXPIRED', since: START + 4000 });
    expect(sends(4000, 21n, landed(4001)).kind).toBe('deny');
    expect(sends(4000, 20n, landed(4001)).kind).toBe('allow');
    expect(sends(DAY + 3000, 40n, landed(DAY + 3001)).kind).toBe('allow');
    expect(sends(DAY + 4000, 20n, landed(DAY + 4002)).kind).toBe('deny');
    expect(sends(DAY + 4001, 20n, landed(DAY + 4002)).kind).toBe('allow');
  });

  it('counts what no outcome is recorded of, or was denied then, as landed at once, and says so', () => {
    const { sends, text } = replay();
    sends(0, 60n);
    sends(1, 40n, { state: 'DENIED', since: START }, { kind: 'deny', reasons: [] });
    expect(sends(DAY - 1, 1n).kind).toBe('deny');
    expect(sends(DAY, 60n).kind).toBe('allow');
    expect(text()).toContain('3 of which no outcome is recorded count as landed at once');
  });

  it('asks where people may let it exceed, and counts what they let through', () => {
    const asking: Limit = { ...DAILY, onExceed: { kind: 'require_approval', approval: APPROVAL } };
    const { sends, result } = replay([asking]);
    sends(0, 100n, landed(0));
    expect(sends(1, 50n, landed(1))).toMatchObject({ kind: 'require_approval', approval: APPROVAL });
    expect(sends(2, 1n, landed(2))).toMatchObject({ kind: 'require_approval', reasons: [{ facts: { used: '150' } }] });
    expect(result()).toMatchObject({ requests: 2, exceeded: [{ most: 50n }] });
  });

  it('does not count what people refused then and would be asked about again', () => {
    const asking: Limit = { ...DAILY, onExceed: { kind: 'require_approval', approval: APPROVAL } };
    const { sends } = replay([asking]);
    const asked: Verdict = { kind: 'require_approval', reasons: [], approval: APPROVAL };
    sends(0, 100n, landed(0));
    sends(1, 50n, { state: 'DENIED', since: START + 2 }, asked);
    expect(sends(3, 1n)).toMatchObject({ reasons: [{ facts: { used: '100' } }] });
  });

  it('holds each limit by its own window, and reserves all or nothing', () => {
    const hourly: Limit = { ...DAILY, id: 'hourly', window: { kind: 'rolling', seconds: 3600 }, max: 30n };
    const ever: Limit = { ...DAILY, id: 'ever', window: { kind: 'lifetime' }, max: 50n };
    const { sends, result, text } = replay([DAILY, hourly, ever]);
    sends(0, 30n, landed(0));
    expect(sends(1, 1n).kind).toBe('deny');
    expect(sends(3_600_000, 20n, landed(3_600_000)).kind).toBe('allow');
    expect(sends(2 * DAY, 60n).kind).toBe('deny');
    expect(result().exceeded.map(({ standing, requests }) => [standing.limit.id, requests])).toEqual([
      ['hourly', 2],
      ['ever', 1],
    ]);
    expect(text()).toContain('never free for that: it is more than the limit');
  });

  it('denies as the gateway did, so that the same policy decides the same', () => {
    const facts = { policy_verdict_sha256: 'of another' };
    let then: Verdict = { kind: 'deny', reasons: [{ code: 'BUDGET_EXCEEDED', rule: 'gateway', message: 'x', facts }] };
    for (let round = 0; round < 2; round++) {
      const { sends } = replay();
      sends(0, 100n, landed(0));
      const held = sends(1, 1n, { state: 'DENIED', since: START + 1 }, then);
      if (round === 1) expect(differenceOf(then, held)).toBeNull();
      then = held;
    }
  });

  it('denies what a limit cannot count', () => {
    const counted = createLimitsOverTime(1, new Map());
    const effects = { ...FACTS.effects, missing: [{ fact: 'mint', instruction: 0, detail: 'away' } as const] };
    const input = buildPolicyInput({ ...FACTS, effects });
    const verdict = { kind: 'allow', reasons: [], limits: [DAILY] } as const;
    const names = { requestId: 'r', decisionId: 'd', agentId: 'a', walletId: 'w', bundleRevision: 'r1' };
    expect(counted.held({ ...names, time: START, verdict, input }, verdict)).toMatchObject({
      kind: 'deny',
      reasons: [{ code: 'LIMIT_UNCOUNTABLE' }],
    });
  });

  it.each([
    [6, '2.5 USDC, 1.5 USDC more than was left', 'by up to 1.5 USDC (at most 1 USDC in'],
    [
      3,
      `2500 tokens of ${MINT}, 1500 tokens more`,
      `by up to 1500 tokens of ${MINT} (at most 1000 tokens of ${MINT} in`,
    ],
    [null, `2500000 base units of ${MINT}, 1500000 base units more`, `at most 1000000 base units of ${MINT} in`],
  ])('tells amounts of a token as the request tells its decimals: %s', (decimals, sample, whole) => {
    const { sends, text } = replay([{ ...DAILY, measure: { kind: 'outflow', asset: MINT }, max: 1_000_000n }]);
    expect(sends(0, 2_500_000n, undefined, undefined, { asset: address(MINT), decimals })).toMatchObject({
      kind: 'deny',
      reasons: [{ remedy: expect.not.stringContaining('lamports'), facts: { amount: '2500000' } }],
    });
    expect(text()).toContain(sample);
    expect(text()).toContain(whole);
  });

  it('says nothing of limits where there are none', () => {
    const { sends, text } = replay([]);
    sends(0, 1n);
    expect(text()).toBe('');
  });
});
