import { describe, expect, it } from 'vitest';
import type { Charge } from '../../core/budget/charge.ts';
import type { Limit, LimitWindow } from '../../core/decision/decision.ts';
import { sampleJudgement, sampleRequest } from '../testing/sample-request.ts';
import { chargedBatch, limitsOfWindow } from './encode-charges.ts';
import { createKnownLimits } from './known-limits.ts';
import type { Operation } from './operation.ts';

const DAY: LimitWindow = { kind: 'rolling', seconds: 86_400 };
const HOUR: LimitWindow = { kind: 'rolling', seconds: 3_600 };

function limit(id: string, window: LimitWindow = DAY, max = 100n): Limit {
  return { id, scope: 'wallet', measure: { kind: 'count' }, window, max, onExceed: { kind: 'deny' } };
}

/** People may let it be exceeded. */
function asking(id: string): Limit {
  const approval = { quorum: 1, groups: [], timeoutSeconds: 300 };
  return { ...limit(id), onExceed: { kind: 'require_approval', approval } };
}

function charge(budget: string, of: Limit, amount = 5n): Charge {
  return { limit: of, budget, amount, settlement: 'landing' };
}

function opening(
  requestId: string,
  charges: readonly Charge[],
  excess: readonly string[] = [],
  bundleRevision = 'r1',
): Operation {
  const { decision } = sampleJudgement();
  const judgement = sampleJudgement({ decision: { ...decision, bundleRevision } });
  const request = sampleRequest({ requestId, judgement, terms: { charges, excess, controls: 1n } });
  return { kind: 'open', request, auditBody: new Uint8Array() };
}

function batchOf(operations: readonly Operation[], known = createKnownLimits()) {
  return chargedBatch(operations, known);
}

describe('the charges of a batch', () => {
  it('name each budget and each bound once, by whatever limits and in whichever requests', () => {
    const daily = limit('daily');
    const { budgets, windows, checks, holds } = batchOf([
      opening('a', [charge('x', daily), charge('y', limit('daily'))]),
      opening('b', [charge('y', limit('another id')), charge('x', limit('hourly', HOUR)), charge('x', daily)]),
    ]);
    expect(budgets).toEqual(['x', 'y']);
    expect(windows.map(({ budget, limit: { window } }) => [budget, window])).toEqual([
      [1, DAY],
      [2, DAY],
      [1, HOUR],
    ]);
    expect(checks.map(({ requestId, window }) => [requestId, window])).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 2],
      ['b', 3],
      ['b', 1],
    ]);
    expect(holds.map(({ requestId, budget }) => [requestId, budget])).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 2],
      ['b', 1],
    ]);
  });

  it('of one request are one where its limits have the same bound, and all of these limits are told', () => {
    const batch = batchOf([opening('a', [charge('x', limit('one')), charge('x', limit('two'))])]);
    expect(batch.checks).toHaveLength(1);
    expect(batch.holds).toHaveLength(1);
    expect(limitsOfWindow(batch, 'a', 1)).toEqual(['one', 'two']);
    expect(limitsOfWindow(batch, 'b', 1)).toEqual([]);
  });

  it('keep bounds apart that differ in nothing but their maximum', () => {
    const { windows, checks } = batchOf([
      opening('a', [charge('x', limit('low', DAY, 2n ** 80n)), charge('x', limit('high', DAY, 2n ** 80n + 1n))]),
    ]);
    expect(windows.map(({ limit: { max } }) => max)).toEqual([2n ** 80n, 2n ** 80n + 1n]);
    expect(checks).toHaveLength(2);
  });

  it('need no room where approvers let a limit be exceeded, and are held all the same', () => {
    const { checks, holds } = batchOf([opening('a', [charge('x', asking('asked'), 7n)], ['asked'])]);
    expect(checks).toEqual([]);
    expect(holds).toMatchObject([{ requestId: 'a', budget: 1, charge: { amount: 7n } }]);
  });

  it('need room within a limit that nobody may let be exceeded, though it has the id of one that approvers let be', () => {
    const ofSession: Limit = { ...limit('asked'), scope: 'session', session: 'key' };
    const ofFeePayer: Limit = { ...limit('asked'), measure: { kind: 'sponsored', payer: 'somebody' } };
    const charges = [charge('x', asking('asked')), charge('y', ofSession), charge('z', ofFeePayer)];
    const { windows, checks } = batchOf([opening('a', charges, ['asked'])]);
    expect(windows.map((window) => window.limit)).toEqual([ofSession, ofFeePayer]);
    expect(checks).toHaveLength(2);
  });

  it('state each limit once, and again only where its budget, its maximum or its revision is another', () => {
    const known = createKnownLimits();
    const state = (operation: Operation) => {
      const { definitions } = chargedBatch([operation, operation], known);
      for (const { name } of definitions) known.add(name);
      return definitions.map((each) => each.limit.id);
    };
    expect(state(opening('a', [charge('x', limit('one')), charge('x', limit('two'))]))).toEqual(['one', 'two']);
    expect(state(opening('b', [charge('x', limit('one')), charge('x', limit('two'))]))).toEqual([]);
    expect(state(opening('c', [charge('y', limit('one'))]))).toEqual(['one']);
    expect(state(opening('d', [charge('x', limit('one', DAY, 101n))]))).toEqual(['one']);
    expect(state(opening('e', [charge('x', limit('one'))], [], 'r2'))).toEqual(['one']);
  });

  it('of requests that charge nothing are nothing', () => {
    const none = batchOf([opening('a', []), { kind: 'append', auditBody: new Uint8Array() }]);
    expect(Object.values(none).flat()).toEqual([]);
  });
});
