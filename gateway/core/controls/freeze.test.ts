import { describe, expect, it } from 'vitest';
import { type Freeze, type FreezeScope, type FreezeSubject, freezeText, frozenBy } from './freeze.ts';

const SUBJECT: FreezeSubject = {
  agentId: 'trader',
  walletId: 'treasury',
  programs: new Set(['program']),
  mints: new Set(['mint']),
  recipients: new Set(['recipient']),
};

function freeze(scope: FreezeScope, target: string): Freeze {
  return { freezeId: `${scope} ${target}`, scope, target, reason: 'why', frozenBy: 'ann', frozenAt: 1 };
}

describe('frozenBy', () => {
  it.each<[FreezeScope, string]>([
    ['all', ''],
    ['agent', 'trader'],
    ['wallet', 'treasury'],
    ['program', 'program'],
    ['mint', 'mint'],
    ['recipient', 'recipient'],
  ])('finds a freeze of %s by its target and by no other', (scope, target) => {
    const wanted = freeze(scope, target);
    expect(frozenBy([freeze('agent', 'another'), wanted], () => SUBJECT)).toBe(wanted);
    if (scope !== 'all') expect(frozenBy([freeze(scope, 'another')], () => SUBJECT)).toBeNull();
  });

  it('does not take what is frozen in one scope for another', () => {
    const others = [freeze('agent', 'treasury'), freeze('wallet', 'trader'), freeze('mint', 'program')];
    expect(frozenBy(others, () => SUBJECT)).toBeNull();
  });

  it('asks for nothing where nothing is frozen', () => {
    const notAsked = () => {
      throw new Error('nobody should ask');
    };
    expect(frozenBy([], notAsked)).toBeNull();
  });
});

it('says what is frozen', () => {
  expect(freezeText(freeze('all', ''))).toBe('operators have frozen everything: why');
  expect(freezeText(freeze('mint', 'abc'))).toBe('operators have frozen the mint abc: why');
});
