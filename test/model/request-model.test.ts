// All interleavings of two gateways, their trackers, an approver, a freeze, crashes and the cluster, for small numbers of requests.
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { type Rules, THE_RULES } from './world.ts';

const CASES: readonly (readonly [string, Partial<Rules>])[] = [
  ['one request that is allowed', {}],
  ['one that people approved, claimed by two gateways', { needsApproval: true }],
  ['two requests, and room for one', { requests: 2 }],
  ['two approved ones, and room for one', { requests: 2, needsApproval: true }],
  ['three requests, and room for two', { requests: 3, room: 2 }],
];

describe('nothing is overspent, executed twice, signed after a freeze, or held for ever', () => {
  it.each(CASES)('%s', (_, rules) => {
    const explored = explore({ ...THE_RULES, ...rules });
    expect(explored.fault).toBeNull();
    expect(explored.ends).toBeGreaterThan(0);
    expect([...explored.states]).toEqual(expect.arrayContaining(['FINALIZED', 'FAILED', 'EXPIRED', 'SIGNING_FAILED']));
  });
});

describe('each rule is needed: without it the model finds the way to the loss', () => {
  it.each<[string, Partial<Rules>, string]>([
    [
      'reserving with the intent',
      { requests: 2, reservesWithIntent: false },
      'more landed than the budget has room for',
    ],
    ['the look at the controls with the signature', { checksControlsAtSignature: false }, 'after the freeze'],
    ['comparing the state', { needsApproval: true, comparesState: false }, 'what was given back landed'],
    ['waiting for finality of a failure', { waitsForFinality: false }, 'what was given back landed'],
  ])('%s', (_, rules, what) => {
    const { fault } = explore({ ...THE_RULES, ...rules });
    expect(fault?.what).toContain(what);
    expect(fault?.way.length).toBeGreaterThan(2);
  });
});
