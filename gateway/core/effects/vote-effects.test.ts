import { describe, expect, it } from 'vitest';
import { VOTE_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress, keyBytes } from '../transaction/testing/wire-builder.ts';
import { judge, READONLY, READONLY_SIGNER, rawInstruction, WRITABLE, WRITABLE_SIGNER } from './testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const VOTE = keyAddress(3);

const AMOUNT = [7, 0, 0, 0, 0, 0, 0, 0];

function effectsOf(opcode: number, accounts: Parameters<typeof rawInstruction>[1], data: readonly number[] = []) {
  const { effects, rounds } = judge(WALLET, [rawInstruction(VOTE_PROGRAM, accounts, [opcode, 0, 0, 0, ...data])]);
  expect([effects.missing, rounds]).toEqual([[], []]);
  return effects;
}

describe('Vote', () => {
  it.each([2, 6, 8, 9, 12, 13, 14, 15])('votes by opcode %i, and does nothing else', (opcode) => {
    const effects = effectsOf(opcode, [
      [VOTE, WRITABLE],
      [STRANGER, READONLY],
      [STRANGER, READONLY],
      [WALLET, READONLY_SIGNER],
    ]);
    expect(effects.operations).toMatchObject([{ kind: 'vote_vote', account: VOTE }]);
    expect([effects.transfers, effects.authorityChanges]).toEqual([[], []]);
  });

  it('takes a deposit for delegators from the wallet', () => {
    const effects = effectsOf(
      19,
      [
        [VOTE, WRITABLE],
        [WALLET, WRITABLE_SIGNER],
      ],
      AMOUNT,
    );
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: VOTE, amount: 7n }]);
    expect(effects.operations).toMatchObject([{ kind: 'vote_deposit_delegator_rewards' }]);
  });

  it('counts nothing that strangers withdraw or deposit', () => {
    const withdraw = [
      [VOTE, WRITABLE],
      [STRANGER, WRITABLE],
      [STRANGER, READONLY_SIGNER],
    ] as const;
    const deposit = [
      [VOTE, WRITABLE],
      [STRANGER, WRITABLE_SIGNER],
    ] as const;
    for (const effects of [effectsOf(3, withdraw, AMOUNT), effectsOf(19, deposit, AMOUNT)]) {
      expect(effects.transfers).toMatchObject([{ sourceOwner: STRANGER, amount: 7n }]);
      expect(effects.outflows).toEqual([]);
    }
  });

  it('is an inflow where a stranger withdraws to the wallet, which signs for the fee alone', () => {
    const effects = effectsOf(
      3,
      [
        [VOTE, WRITABLE],
        [WALLET, WRITABLE],
        [STRANGER, READONLY_SIGNER],
      ],
      AMOUNT,
    );
    expect(effects.transfers).toMatchObject([{ sourceOwner: STRANGER, recipient: WALLET }]);
    expect([effects.outflows, effects.inflows]).toEqual([[], [{ asset: 'SOL', amount: 7n, decimals: 9 }]]);
  });

  it('is no outflow where the wallet withdraws to itself', () => {
    const effects = effectsOf(
      3,
      [
        [VOTE, WRITABLE],
        [WALLET, WRITABLE],
        [WALLET, READONLY_SIGNER],
      ],
      AMOUNT,
    );
    expect([effects.outflows, effects.inflows]).toEqual([[], []]);
    expect(effects.protectedBalances).toMatchObject([
      { account: VOTE, relation: 'controlled', outflow: 7n },
      { account: WALLET, inflow: 7n },
    ]);
  });

  it('sends commissions elsewhere by a new collector', () => {
    const accounts = [
      [VOTE, WRITABLE],
      [STRANGER, WRITABLE],
      [WALLET, READONLY_SIGNER],
    ] as const;
    expect(effectsOf(17, accounts, [1, 0, 0, 0]).authorityChanges).toMatchObject([
      { kind: 'vote_commission_collector', account: VOTE, to: STRANGER },
    ]);
  });

  it('counts a voter with a BLS key as a voter', () => {
    const accounts = [
      [VOTE, WRITABLE],
      [STRANGER, READONLY],
      [WALLET, READONLY_SIGNER],
    ] as const;
    const withBls = [...keyBytes(2), 2, 0, 0, 0, ...new Array<number>(144).fill(1)];
    expect(effectsOf(1, accounts, withBls).authorityChanges).toMatchObject([{ kind: 'vote_voter', to: STRANGER }]);
    const withdrawer = [...keyBytes(2), 1, 0, 0, 0];
    expect(effectsOf(1, accounts, withdrawer).authorityChanges).toMatchObject([{ kind: 'vote_withdrawer' }]);
  });

  it('names all keys of a new account with a BLS key', () => {
    const accounts = [
      [VOTE, WRITABLE],
      [keyAddress(4), READONLY_SIGNER],
      [keyAddress(5), WRITABLE],
      [keyAddress(6), WRITABLE],
    ] as const;
    const init = [...keyBytes(4), ...keyBytes(7), ...new Array<number>(144).fill(1), ...keyBytes(8), 0, 0, 0, 0];
    expect(effectsOf(16, accounts, init).authorityChanges.map(({ kind, to }) => [kind, to])).toEqual([
      ['vote_identity', keyAddress(4)],
      ['vote_voter', keyAddress(7)],
      ['vote_withdrawer', keyAddress(8)],
      ['vote_commission_collector', keyAddress(5)],
      ['vote_commission_collector', keyAddress(6)],
    ]);
  });
});
