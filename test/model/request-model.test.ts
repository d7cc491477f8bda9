// All interleavings of two gateways, their trackers, an approver, a freeze, crashes and the cluster, for small numbers of requests.
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { type Rules, THE_RULES } from './world.ts';

const CASES: readonly (readonly [string, Partial<Rules>])[] = [
  ['one request that is allowed', {}],
  ['one that people approved, claimed by two gateways', { needsApproval: true }],
  ['two requests, and room for one', { requests: 2 }],
  ['two approved ones, and room for one', { requests: 2, needsApproval: true }],
  ['one whose key is at a remote backend', { keyIsRemote: true }],
  ['two of them, and room for one', { keyIsRemote: true, requests: 2 }],
  ['an approved one whose key is remote, claimed by two gateways', { keyIsRemote: true, needsApproval: true }],
  ['three requests, and room for two', { requests: 3, room: 2 }],
];

describe('nothing is overspent, executed twice, signed after a freeze, or held for ever', () => {
  it.each(CASES)('%s', (_, rules) => {
    const explored = explore({ ...THE_RULES, ...rules });
    expect(explored.fault).toBeNull();
    expect(explored.ends).toBeGreaterThan(0);
    const ends = ['FINALIZED', 'FAILED', 'EXPIRED', ...(rules.keyIsRemote === true ? [] : ['SIGNING_FAILED'])];
    expect([...explored.states]).toEqual(expect.arrayContaining(ends));
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
    [
      'keeping what a remote backend may have signed',
      { keyIsRemote: true, keepsWhatMayBeSigned: false },
      'what was given back landed',
    ],
    ['waiting for finality of a failure', { waitsForFinality: false }, 'what was given back landed'],
  ])('%s', (_, rules, what) => {
    const { fault } = explore({ ...THE_RULES, ...rules });
    expect(fault?.what).toContain(what);
    expect(fault?.way.length).toBeGreaterThan(2);
  });
});
