import { describe, expect, it } from 'vitest';
import type { Credential } from './principal.ts';
import {
  agentWith,
  limitsUnder,
  lineageUnder,
  MAX_LINEAGE,
  type Session,
  type SessionTerms,
  wideningOf,
} from './session.ts';

const SOL = { kind: 'outflow', asset: 'SOL' } as const;
const FEE = { kind: 'fee' } as const;
const API_KEY: Credential = { keyId: 'api', session: null };
const ONE_SOL = [{ measure: SOL, max: 10n }];

function session(change: Partial<Session> = {}): Credential {
  const lineage = lineageUnder(API_KEY);
  const limits = limitsUnder(API_KEY, 'parent', ONE_SOL);
  const made = {
    keyId: 'parent',
    lineage,
    wallets: ['hot'],
    methods: ['sign', 'evaluate'],
    limits,
    expiresAt: 9,
    ...change,
  };
  return { keyId: 'parent', session: made as Session };
}

function terms(change: Partial<SessionTerms> = {}): SessionTerms {
  return { wallets: ['hot'], methods: ['sign'], maxima: ONE_SOL, lifetimeMs: null, ...change };
}

describe('a key made from a session key', () => {
  it('may be as wide as that, and has its limits beside its own', () => {
    expect(wideningOf(terms(), ['hot'], session())).toBeNull();
    expect(wideningOf(terms({ maxima: [] }), ['hot'], session())).toBeNull();
    expect(
      limitsUnder(session(), 'child', [{ measure: FEE, max: 3n }]).map(({ id, session: of, max }) => [id, of, max]),
    ).toEqual([
      ['session/parent/outflow:SOL', 'parent', 10n],
      ['session/child/fee', 'child', 3n],
    ]);
    expect(lineageUnder(session())).toEqual(['api', 'parent']);
  });

  it.each<[string, Partial<SessionTerms>, string]>([
    ['another wallet', { wallets: ['hot', 'cold'] }, 'wallets'],
    ['another method', { methods: ['sign', 'sign_message'] }, 'methods'],
    ['sending, where that may only sign', { methods: ['sign_and_send'] }, 'methods'],
    ['a larger maximum', { maxima: [{ measure: SOL, max: 11n }] }, 'maxima'],
    [
      'a larger maximum behind one that fits',
      {
        maxima: [
          { measure: FEE, max: 1n },
          { measure: SOL, max: 11n },
        ],
      },
      'maxima',
    ],
  ])('may not have %s', (_name, change, field) => {
    expect(wideningOf(terms(change), ['hot'], session())).toMatchObject({ field });
  });

  it('may not have more than the oldest of the keys that it comes from', () => {
    const parent = session();
    const child = { keyId: 'child', session: session({ limits: limitsUnder(parent, 'child', []) }).session };
    expect(wideningOf(terms({ maxima: [{ measure: SOL, max: 11n }] }), ['hot'], child)).toMatchObject({
      field: 'maxima',
    });
  });

  it('comes from so many keys only', () => {
    const lineage = (length: number) => session({ lineage: Array.from({ length }, (_, i) => `k${i}`) });
    expect(wideningOf(terms(), ['hot'], lineage(MAX_LINEAGE - 1))).toBeNull();
    expect(wideningOf(terms(), ['hot'], lineage(MAX_LINEAGE))).toMatchObject({ field: 'lineage' });
  });
});

describe('a key made from an API key', () => {
  it('may do what the agent may, with its wallets', () => {
    const all = terms({ methods: ['sign', 'sign_and_send', 'sign_message', 'evaluate'], maxima: [] });
    expect(wideningOf(all, ['hot'], API_KEY)).toBeNull();
    expect(wideningOf(terms({ wallets: ['cold'] }), ['hot'], API_KEY)).toMatchObject({
      field: 'wallets',
      found: 'cold',
    });
  });
});

it('an agent has only those wallets of a session key that are still its own', () => {
  const agent = { kind: 'agent', id: 'bot', wallets: ['hot', 'other'] } as const;
  expect(agentWith(agent, session({ wallets: ['hot', 'cold'] })).wallets).toEqual(['hot']);
  expect(agentWith(agent, API_KEY).wallets).toEqual(['hot', 'other']);
});
