import { describe, expect, it } from 'vitest';
import { type Limit, reasonText } from '../decision/decision.ts';
import { budgetReason } from './budget-reason.ts';
import type { StandingOf } from './standing.ts';

describe('what a stranger reads', () => {
  const standing = (change: Partial<Limit>, numbers: Partial<StandingOf> = {}): StandingOf => {
    const limit: Limit = {
      id: 'rate_limit/3600',
      scope: 'agent_wallet',
      measure: { kind: 'count' },
      window: { kind: 'rolling', seconds: 3600 },
      max: 10n,
      onExceed: { kind: 'deny' },
      ...change,
    };
    return { limit, budget: 'b', amount: 4n, used: 7n, reserved: 0n, freesAt: 1_000, fitsAt: 2_000, ...numbers };
  };

  it('is what the limit is, how much of it is left, and when the whole would pass', () => {
    expect(reasonText(budgetReason(standing({ measure: { kind: 'outflow', asset: 'SOL' } })))).toBe(
      'uses 4 lamports of SOL, and 3 of the limit rate_limit/3600 is left (at most 10 lamports of SOL in any 1 hour, by this agent ' +
        'with this wallet; 7 used, 0 reserved); allowed: at most 3 lamports of SOL now; the whole from 1970-01-01T00:00:02.000Z on, ' +
        'if nothing more is used until then',
    );
  });

  it.each<[Partial<Limit>, Partial<StandingOf>, string]>([
    [{}, { amount: 11n, fitsAt: null }, 'the whole never, because it is more than the limit'],
    [
      {},
      { used: 0n, reserved: 7n, fitsAt: null },
      'the whole when it is known what became of the transactions for which the rest is reserved',
    ],
    [
      { window: { kind: 'lifetime' } },
      { fitsAt: null },
      'the whole never, because what was used of a limit for ever stays used',
    ],
    [
      { window: { kind: 'lifetime' } },
      { used: 6n, reserved: 4n, fitsAt: null },
      'the whole when it is known what became of the transactions for which the rest is reserved',
    ],
  ])('is why the whole fits at no time: case %#', (change, numbers, why) => {
    expect(budgetReason(standing(change, numbers)).remedy).toContain(why);
  });
});
