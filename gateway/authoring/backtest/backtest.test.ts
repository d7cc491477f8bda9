import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/decision/decision.ts';
import type { LoggedDecision } from '../../policy/decision-log/decision-line.ts';
import { createBacktest } from './backtest.ts';
import { crossedBounds } from './bounds.ts';
import { renderBacktest } from './render-backtest.ts';

const MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const NAMED = new Map([[MINT, { symbol: 'USDC', decimals: 6 }]]);
const ALLOW: Verdict = { kind: 'allow', reasons: [] };
const DENY: Verdict = {
  kind: 'deny',
  reasons: [{ code: 'NO', rule: 'x', message: 'too\u001b[31m much', remedy: 'at most 5', facts: {} }],
};

function recorded(agentId: string, verdict: Verdict, lamports: bigint): LoggedDecision {
  const input = `{"effects":{"outflows":[{"amount":${lamports},"asset":"SOL"}]},"v":1}`;
  return {
    requestId: '01890a5d-ac96-774b-bcce-b302099a8057',
    decisionId: 'd',
    agentId,
    walletId: 'treasury',
    time: 0,
    bundleRevision: 'r1',
    verdict,
    input: new TextEncoder().encode(input),
  };
}

/** Everything is denied now that is above 10 lamports. */
function tested() {
  const above = (input: Uint8Array) => Number(/"amount":(\d+)/.exec(new TextDecoder().decode(input))?.[1]) > 10;
  const backtest = createBacktest({ evaluate: (input) => (above(input) ? DENY : ALLOW), assets: NAMED }, 2);
  backtest.add(recorded('ann', ALLOW, 1n));
  backtest.add(recorded('ann', ALLOW, 2n ** 60n));
  backtest.add(recorded('ben', ALLOW, 20n));
  backtest.add(recorded('ben', ALLOW, 30n));
  backtest.add(recorded('ben', DENY, 9n));
  return backtest.result();
}

const ANY = { newlyDenied: null, newlyAllowed: null, newlyAsked: null, newlyAllowedExposure: {} };

describe('a backtest', () => {
  it('counts what changes, with its exact exposure by asset and agent', () => {
    const { judged, tallies } = tested();
    expect(judged).toBe(5);
    expect(tallies.newly_denied).toEqual({
      decisions: 3,
      exposure: { SOL: 2n ** 60n + 50n },
      byAgent: {
        ann: { decisions: 1, exposure: { SOL: 2n ** 60n } },
        ben: { decisions: 2, exposure: { SOL: 50n } },
      },
    });
    expect(tallies.newly_allowed).toMatchObject({ decisions: 1, exposure: { SOL: 9n } });
    expect(tallies.newly_asked.decisions).toBe(0);
  });

  it('keeps as many samples of each difference as asked for', () => {
    expect(tested().samples.map(({ difference }) => difference)).toEqual([
      'newly_denied',
      'newly_denied',
      'newly_allowed',
    ]);
  });

  it('says which bound is crossed, and none where it is just reached', () => {
    expect(crossedBounds(tested(), { ...ANY, newlyDenied: 3, newlyAllowed: 1 })).toEqual([]);
    expect(crossedBounds(tested(), { ...ANY, newlyDenied: 2 })).toEqual([
      '3 decisions would be newly denied; at most 2 may be',
    ]);
    expect(crossedBounds(tested(), { ...ANY, newlyAllowedExposure: { SOL: 9n } })).toEqual([]);
    expect(crossedBounds(tested(), { ...ANY, newlyAllowedExposure: { SOL: 8n } })).toEqual([
      '9 of SOL would be newly allowed to leave; at most 8 may be',
    ]);
  });

  it('tells what leaves of a token as the recorded inputs tell its decimals, and else in base units', () => {
    const backtest = createBacktest({ evaluate: () => DENY, assets: NAMED }, 0);
    const outflows = `{"amount":1,"asset":"Other"},{"amount":2500000,"asset":"${MINT}","decimals":6}`;
    const input = new TextEncoder().encode(`{"effects":{"outflows":[${outflows}]},"v":1}`);
    backtest.add({ ...recorded('ann', ALLOW, 1n), input });
    expect(renderBacktest(backtest.result()).join('\n')).toContain(
      'newly denied: 1, with 2.5 USDC, 1 base units of Other',
    );
  });

  it('is reported with its samples, hostile text made harmless', () => {
    const text = renderBacktest(tested()).join('\n');
    expect(text).toContain('newly denied: 3, with 1152921504.606847026 SOL');
    expect(text).toContain('agent ben: 2, with 0.00000005 SOL');
    expect(text).toContain('at most 5');
    expect(text).not.toContain('\u001b');
  });
});
