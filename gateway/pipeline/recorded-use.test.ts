import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { chargesOf } from '../core/budget/charge.ts';
import { recordedUse } from '../core/budget/recorded-use.ts';
import type { Limit, LimitMeasure } from '../core/decision/decision.ts';
import { anyFacts } from '../core/policy-input/testing/any-facts.ts';
import { buildPolicyInput, type PolicyFacts } from '../core/policy-input.ts';
import { useOf } from './subject.ts';

const SPENDER = { agentId: 'trader', walletId: 'treasury' };

function limitOf(measure: LimitMeasure): Limit {
  const window = { kind: 'lifetime' } as const;
  return { id: JSON.stringify(measure), scope: 'global', measure, window, max: 1n, onExceed: { kind: 'deny' } };
}

/** Of everything that the facts name. */
function measuresIn({ effects, simulation, transaction }: PolicyFacts): readonly LimitMeasure[] {
  const both = simulation.status === 'succeeded' ? [effects, simulation.effects] : [effects];
  const inner = simulation.status === 'succeeded' ? simulation.instructions.map(({ instruction }) => instruction) : [];
  const outflows = both.flatMap(({ outflows, outflowsByRecipient }) => [
    ...outflows.flatMap(({ asset }) => [
      { kind: 'outflow', asset } as const,
      { kind: 'outflow', asset, net: true } as const,
    ]),
    ...outflowsByRecipient.map(({ asset, recipient }) => ({ kind: 'outflow', asset, recipient }) as const),
  ]);
  const programs = [...transaction.instructions, ...inner].map(({ program }) => ({ kind: 'count', program }) as const);
  return [{ kind: 'fee' }, { kind: 'rent' }, { kind: 'count' }, ...outflows, ...programs];
}

it('a recorded input uses of every limit what the gateway counted of the request', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const limits = measuresIn(facts).map(limitOf);
      const { transaction: decoded, effects, simulation, wallet } = facts;
      const counted = chargesOf(limits, SPENDER, useOf({ decoded, effects, simulation }, wallet.address));
      expect(chargesOf(limits, SPENDER, recordedUse(buildPolicyInput(facts)))).toEqual(counted);
    }),
    { numRuns: 300 },
  );
});

it('a recorded message uses its signature alone', () => {
  const input = new TextEncoder().encode('{"message":{"size":5},"v":1,"wallet":{"address":"A","id":"w"}}');
  const limits = [limitOf({ kind: 'count' }), limitOf({ kind: 'fee' }), limitOf({ kind: 'outflow', asset: 'SOL' })];
  expect(chargesOf(limits, SPENDER, recordedUse(input))).toMatchObject({ charges: [{ amount: 1n }] });
});
