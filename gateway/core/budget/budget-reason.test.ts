import { describe, expect, it } from 'vitest';
import { type Limit, reasonText } from '../decision/decision.ts';
import { budgetReason } from './budget-reason.ts';
import type { StandingOf } from './standing.ts';

const NO_UNITS = new Map();

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
    expect(reasonText(budgetReason(standing({ measure: { kind: 'outflow', asset: 'SOL' } }), NO_UNITS))).toBe(
      'uses 0.000000004 SOL, and 0.000000003 SOL of the limit rate_limit/3600 is left (at most 0.00000001 SOL in any 1 hour, by this agent ' +
        'with this wallet; 0.000000007 SOL used, 0 SOL reserved); allowed: at most 0.000000003 SOL now; the whole from 1970-01-01T00:00:02.000Z on, ' +
        'if nothing more is used until then',
    );
  });

  it('has tokens in whole ones where their decimals are known, and base units in the facts', () => {
    const measure = { kind: 'outflow', asset: 'Mint' } as const;
    const numbers = { amount: 2_500_000n, used: 1_000_000n, reserved: 1n };
    const given = standing({ measure, max: 2_000_000n }, numbers);
    const told = (symbol: string | null) => budgetReason(given, new Map([['Mint', { decimals: 6, symbol }]]));
    expect(told('USDC')).toMatchObject({
      message: expect.stringMatching(
        /^uses 2\.5 USDC, and 0\.999999 USDC of the limit .* is left \(at most 2 USDC .*; 1 USDC used, 0\.000001 USDC reserved\)$/,
      ),
      remedy: expect.stringMatching(/^allowed: at most 0\.999999 USDC now;/),
      facts: { amount: '2500000', max: '2000000', used: '1000000', reserved: '1', left: '999999' },
    });
    expect(told(null)).toMatchObject({
      message: expect.stringMatching(/^uses 2\.5 tokens of Mint, and 0\.999999 tokens of the limit/),
      remedy: expect.stringMatching(/^allowed: at most 0\.999999 tokens of Mint now;/),
    });
    expect(budgetReason(given, NO_UNITS)).toMatchObject({
      message: expect.stringMatching(/^uses 2500000 base units of Mint, and 999999 base units of the limit/),
      remedy: expect.stringMatching(/^allowed: at most 999999 base units of Mint now;/),
    });
  });

  it.each<[Partial<Limit>, Partial<StandingOf>, string]>([
    [{}, { amount: 11n, fitsAt: null }, 'the whole never, because it is more than the limit'],
    [
      { window: { kind: 'lifetime' } },
      { fitsAt: null },
      'the whole never, because what was used of a limit for ever stays used',
    ],
    [
      {},
      { used: 0n, reserved: 7n, fitsAt: null },
      'the whole only if enough of the requests for which the rest is reserved are not signed; ' +
        'if they are signed, 1 hour after that at the latest, if nothing more is used until then',
    ],
    [
      { measure: { kind: 'outflow', asset: 'SOL' } },
      { used: 0n, reserved: 7n, fitsAt: null },
      'the whole only if enough of the transactions for which the rest is reserved do not land; ' +
        'if they land, 1 hour after that at the latest, if nothing more is used until then',
    ],
    [
      { measure: { kind: 'fee' }, window: { kind: 'calendar', unit: 'day', timeZone: 'UTC' } },
      { used: 1n, reserved: 9n, fitsAt: null },
      'if they land, from 1970-01-01T00:00:01.000Z on, if nothing more is used until then',
    ],
    [
      { measure: { kind: 'rent' }, window: { kind: 'calendar', unit: 'day', timeZone: 'UTC' } },
      { used: 0n, reserved: 9n, freesAt: null, fitsAt: null },
      'if they land, with the next day of UTC, if nothing more is used until then',
    ],
    [
      { measure: { kind: 'rent' }, window: { kind: 'lifetime' } },
      { used: 6n, reserved: 4n, freesAt: null, fitsAt: null },
      'do not land; if they land, never',
    ],
  ])('is why the whole fits at no time: case %#', (change, numbers, why) => {
    expect(budgetReason(standing(change, numbers), NO_UNITS).remedy).toContain(why);
  });

  it('is what passes without approval, where people may let it exceed', () => {
    const asking = {
      onExceed: { kind: 'require_approval', approval: { quorum: 1, groups: [], timeoutSeconds: 60 } },
    } as const;
    expect(budgetReason(standing(asking, { amount: 11n, fitsAt: null }), NO_UNITS).remedy).toBe(
      'allowed without approval: at most 3 signatures now; the whole never without approval, because it is more than the limit',
    );
    expect(budgetReason(standing(asking), NO_UNITS).remedy).toBe(
      'allowed without approval: at most 3 signatures now; the whole without approval from 1970-01-01T00:00:02.000Z on, if nothing more is ' +
        'used until then',
    );
  });
});
