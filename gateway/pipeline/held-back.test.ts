import { describe, expect, it } from 'vitest';
import { FREEZE_SCOPES, type Freeze, type FreezeScope } from '../core/controls/freeze.ts';
import { frozenRecord, heldBack } from './held-back.ts';

const record = (input: object) => ({
  ask: { agentId: 'trader', walletId: 'treasury' },
  judgement: { policyInput: new TextEncoder().encode(JSON.stringify(input)) },
});
const freeze = (scope: FreezeScope, target: string): Freeze => ({
  freezeId: '1',
  scope,
  target,
  reason: 'stolen',
  frozenBy: 'ann',
  frozenAt: 0,
});
const frozen = (scope: FreezeScope, target: string, input: object) =>
  frozenRecord([freeze(scope, target)], record(input)) !== null;

function holding(freezes: readonly Freeze[], readOnly: boolean) {
  return heldBack({ state: { controls: { recent: async () => ({ version: 1n, freezes }) } }, readOnly }, record({}));
}

describe('what is held back', () => {
  it('is what is frozen, and everything where the gateway only reads', async () => {
    const held = await holding([freeze('agent', 'trader')], false);
    expect(held).toEqual({ kind: 'held', cause: 'frozen', reason: 'operators have frozen the agent trader: stolen' });
    expect(await holding([], true)).toMatchObject({ kind: 'held', cause: 'read_only' });
    expect(await holding([freeze('agent', 'another')], false)).toBeNull();
  });

  it('is not asked of a record that nobody can look at', async () => {
    const away = { controls: { recent: () => Promise.reject(new Error('away')) } };
    await expect(heldBack({ state: away, readOnly: false }, record({}))).rejects.toThrow('away');
  });
});

describe('what was judged', () => {
  it('is frozen by an address wherever it stands', () => {
    const input = { effects: { transfers: [{ recipient: 'R' }] }, simulation: { instructions: [{ program: 'P' }] } };
    for (const scope of FREEZE_SCOPES.filter((each) => !['all', 'agent', 'wallet'].includes(each))) {
      expect(frozen(scope, 'R', input)).toBe(true);
      expect(frozen(scope, 'P', input)).toBe(true);
      expect(frozen(scope, 'Q', input)).toBe(false);
    }
  });

  it('takes agent and wallet from the request, and nothing from what the agent says of itself', () => {
    expect(frozen('agent', 'trader', {})).toBe(true);
    expect(frozen('wallet', 'treasury', {})).toBe(true);
    expect(frozen('wallet', 'x', { effects: 'x' })).toBe(false);
    expect(frozen('recipient', 'R', { context: { note: 'R' } })).toBe(false);
  });
});
