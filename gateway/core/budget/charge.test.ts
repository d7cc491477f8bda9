import { describe, expect, it } from 'vitest';
import type { Limit, LimitMeasure } from '../decision/decision.ts';
import type { Effects } from '../effects/effects.ts';
import { budgetOf, chargesOf, spenderOf, type Use } from './charge.ts';

const WALLET = 'W'.repeat(32);
const ALICE = 'A'.repeat(32);
const BOB = 'B'.repeat(32);
const MINT = 'M'.repeat(32);
const SWAP = 'S'.repeat(32);
const SPENDER = { agentId: 'bot', walletId: 'hot' };

function limit(measure: LimitMeasure, more: Partial<Limit> = {}): Limit {
  const window = { kind: 'rolling', seconds: 60 } as const;
  return { id: 'limit', scope: 'wallet', measure, window, max: 10n, onExceed: { kind: 'deny' }, ...more };
}

type Counted = Pick<
  Effects,
  'creations' | 'outflows' | 'outflowsByRecipient' | 'inflows' | 'fee' | 'rentLamports' | 'missing'
>;

const NOTHING: Counted = {
  creations: [],
  outflows: [],
  outflowsByRecipient: [],
  inflows: [],
  fee: { payer: WALLET as never, baseLamports: 5000n, priorityLamports: 7n, totalLamports: 5007n },
  rentLamports: 0n,
  missing: [],
};

const PAYMENT: Partial<Counted> = {
  outflows: [
    { asset: 'SOL', amount: 30n, decimals: 9 },
    { asset: MINT, amount: 4n, decimals: 6 },
  ],
  outflowsByRecipient: [
    { asset: 'SOL', recipient: ALICE as never, amount: 20n },
    { asset: 'SOL', recipient: BOB as never, amount: 10n },
  ],
  inflows: [{ asset: 'SOL', amount: 12n, decimals: 9 }],
};

function use(...effects: Partial<Counted>[]): Use {
  const all = effects.map((some) => ({ ...NOTHING, ...some }) as unknown as Effects);
  return { effects: all, wallet: WALLET, programs: new Set([SWAP]) };
}

function amounts(measures: readonly LimitMeasure[], used: Use): readonly (readonly [string, bigint, string])[] {
  const counted = chargesOf(
    measures.map((measure) => limit(measure)),
    SPENDER,
    used,
  );
  if (counted.kind !== 'counted') throw new Error(`unknown: ${counted.fact}`);
  return counted.charges.map(({ budget, amount, settlement }) => [budget, amount, settlement]);
}

describe('what a limit counts', () => {
  it('is what leaves, the fee and the rent that the wallet pays, and a signature', () => {
    const measures = [
      { kind: 'outflow', asset: 'SOL' },
      { kind: 'outflow', asset: MINT },
      { kind: 'fee' },
      { kind: 'rent' },
      { kind: 'count' },
    ] as const;
    expect(amounts(measures, use({ ...PAYMENT, rentLamports: 9n }))).toEqual([
      ['wallet:hot|outflow:SOL', 30n, 'landing'],
      [`wallet:hot|outflow:${MINT}`, 4n, 'landing'],
      ['wallet:hot|fee', 5007n, 'fee'],
      ['wallet:hot|rent', 9n, 'landing'],
      ['wallet:hot|count', 1n, 'signature'],
    ]);
  });

  it('is what one recipient gets, and nothing of another asset', () => {
    expect(amounts([{ kind: 'outflow', asset: 'SOL', recipient: BOB }], use(PAYMENT))).toEqual([
      [`wallet:hot|outflow:SOL:to:${BOB}`, 10n, 'landing'],
    ]);
    expect(amounts([{ kind: 'outflow', asset: MINT, recipient: BOB }], use(PAYMENT))).toEqual([]);
  });

  it('is what leaves less what comes in, where net is asked for, and never less than nothing', () => {
    const net = { kind: 'outflow', asset: 'SOL', net: true } as const;
    expect(amounts([net], use(PAYMENT))).toEqual([['wallet:hot|net_outflow:SOL', 18n, 'landing']]);
    expect(amounts([net], use({ inflows: [{ asset: 'SOL', amount: 5n, decimals: 9 }] }))).toEqual([]);
  });

  it('is nothing where the transaction does not call the program that is meant', () => {
    expect(amounts([{ kind: 'count', program: BOB }], use(PAYMENT))).toEqual([]);
    expect(amounts([{ kind: 'count', program: SWAP }], use(PAYMENT))).toEqual([
      [`wallet:hot|count:program:${SWAP}`, 1n, 'signature'],
    ]);
  });

  it('is no fee that somebody else pays', () => {
    expect(amounts([{ kind: 'fee' }], use({ fee: { ...NOTHING.fee, payer: ALICE as never } }))).toEqual([]);
  });

  it('is what somebody else pays: their fee, and the rent of what they open', () => {
    const fee = { ...NOTHING.fee, payer: ALICE as never };
    const made = { instruction: 0, basis: 'message', kind: 'new', account: BOB, ownerProgram: SWAP, refundableTo: BOB };
    const creations = [
      { ...made, payer: ALICE, rentLamports: 3n },
      { ...made, payer: WALLET, rentLamports: 5n },
    ] as unknown as Effects['creations'];
    const paid = use({ fee, creations });
    expect(amounts([{ kind: 'sponsored', payer: ALICE }], paid)).toEqual([
      [`wallet:hot|sponsored:${ALICE}`, 5010n, 'fee'],
    ]);
    expect(amounts([{ kind: 'sponsored', payer: BOB }], paid)).toEqual([]);
  });

  it('is the larger of what the message says and what its simulation showed', () => {
    const showed = { outflows: [{ asset: 'SOL', amount: 31n, decimals: 9 }] };
    const measure = { kind: 'outflow', asset: 'SOL' } as const;
    expect(amounts([measure], use(PAYMENT, showed))).toEqual([['wallet:hot|outflow:SOL', 31n, 'landing']]);
    expect(amounts([measure], use(showed, PAYMENT))).toEqual([['wallet:hot|outflow:SOL', 31n, 'landing']]);
  });

  it('is unknown where a fact is missing, but for the count of signatures', () => {
    const gap = { ...PAYMENT, missing: [{ fact: 'mint', instruction: 0, detail: 'away' }] };
    const measured = limit({ kind: 'outflow', asset: 'SOL' });
    expect(chargesOf([measured], SPENDER, use(PAYMENT, gap))).toEqual({
      kind: 'unknown',
      limit: measured,
      fact: 'mint',
    });
    expect(amounts([{ kind: 'count' }], use(gap))).toEqual([['wallet:hot|count', 1n, 'signature']]);
  });

  it('is known where the simulation shows what the message does not tell', () => {
    const gap = { missing: [{ fact: 'instruction', instruction: 0, detail: 'not described' }] };
    expect(amounts([{ kind: 'outflow', asset: 'SOL' }], use(gap, PAYMENT))).toEqual([
      ['wallet:hot|outflow:SOL', 30n, 'landing'],
    ]);
  });

  it('of a message is its signature alone', () => {
    const measures = [{ kind: 'count' }, { kind: 'fee' }, { kind: 'outflow', asset: 'SOL' }] as const;
    expect(amounts(measures, { effects: [], wallet: WALLET, programs: new Set() })).toEqual([
      ['wallet:hot|count', 1n, 'signature'],
    ]);
  });
});

it.each<[Limit['scope'], string]>([
  ['agent_wallet', 'agent_wallet:bot:hot|fee'],
  ['wallet', 'wallet:hot|fee'],
  ['agent', 'agent:bot|fee'],
  ['global', 'global|fee'],
])('a budget of the scope %s is shared by its spenders', (scope, name) => {
  expect(budgetOf(limit({ kind: 'fee' }, { scope }), SPENDER)).toBe(name);
});

it('a budget of a group of agents is shared by the group', () => {
  expect(budgetOf(limit({ kind: 'fee' }, { scope: 'agent_group', group: 'makers' }), SPENDER)).toBe(
    'agent_group:makers|fee',
  );
});

it('limits of the same measure share a budget, whatever their windows and maxima', () => {
  const day = limit({ kind: 'fee' }, { window: { kind: 'calendar', unit: 'day', timeZone: 'UTC' }, max: 1n });
  expect(budgetOf(day, SPENDER)).toBe(budgetOf(limit({ kind: 'fee' }), SPENDER));
});

it.each<[Limit['scope'], string | null, string | null]>([
  ['agent_wallet', 'bot', 'hot'],
  ['wallet', null, 'hot'],
  ['agent', 'bot', null],
  ['agent_group', null, null],
  ['global', null, null],
])('whose a budget of the scope %s is, its name tells', (scope, agentId, walletId) => {
  const name = budgetOf(limit({ kind: 'fee' }, { scope, group: 'makers' }), SPENDER);
  expect(spenderOf(name)).toEqual({ agentId, walletId });
});
