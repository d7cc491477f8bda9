import { describe, expect, it } from 'vitest';
import type { AccountState } from '../effects/chain-facts.ts';
import { mintAccount, tokenAccount } from '../effects/testing/judge.ts';
import { extendedAccount, extendedMint, feeConfig, transferHook } from '../effects/testing/token-2022-state.ts';
import { SYSTEM_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { paymentFault } from './payment-fault.ts';

const [MINT, TO, OWNER, OTHER] = [keyAddress(1), keyAddress(2), keyAddress(3), keyAddress(4)];
const WALLET: AccountState = { owner: SYSTEM_PROGRAM, lamports: 1n, data: new Uint8Array() };
const PLAIN = { mint: mintAccount(6), to: tokenAccount({ mint: MINT, owner: OWNER }) };
const EXTENDED = { mint: extendedMint(), to: extendedAccount({ mint: MINT, owner: OWNER }) };

function faultOf(state: Readonly<Record<'mint' | 'to', AccountState | null>>) {
  const accounts = new Map([
    [MINT, state.mint],
    [TO, state.to],
  ]);
  return paymentFault({ mint: MINT, to: TO }, accounts);
}

function frozen(account: AccountState): AccountState {
  const data = new Uint8Array(account.data);
  data[108] = 2;
  return { ...account, data };
}

describe('a payment to a sponsor', () => {
  it.each([
    ['of SPL Token', PLAIN],
    ['of Token-2022', EXTENDED],
    [
      'with a transfer fee, which is known',
      { ...EXTENDED, mint: extendedMint({ extensions: [feeConfig({ basisPoints: 5, maximum: 9n })] }) },
    ],
    [
      'with a hook that calls no program',
      { ...EXTENDED, mint: extendedMint({ extensions: [transferHook(SYSTEM_PROGRAM)] }) },
    ],
  ])('can arrive: a token %s', (_what, state) => {
    expect(faultOf(state)).toBeNull();
  });

  it.each([
    ['not there', null, 'no account on this cluster'],
    ['a wallet', WALLET, 'no mint of a token program'],
    ['a token account', PLAIN.to, 'no mint of a token program'],
    ['made by another program', { ...PLAIN.mint, owner: OTHER }, 'no mint of a token program'],
    ['one with a transfer hook', extendedMint({ extensions: [transferHook(OTHER)] }), `transfer hook ${OTHER}`],
    [
      'one with a permanent delegate',
      extendedMint({ extensions: [{ __kind: 'PermanentDelegate', delegate: OTHER }] }),
      `permanent delegate ${OTHER}`,
    ],
    ['one whose tokens stay', extendedMint({ extensions: [{ __kind: 'NonTransferable' }] }), 'cannot be transferred'],
  ])('cannot be made where its mint is %s', (_what, mint, said) => {
    const reason = expect.stringMatching(new RegExp(`^${MINT} .*${said}`));
    expect(faultOf({ ...EXTENDED, mint })).toEqual({ field: 'payment.mint', reason });
  });

  it.each([
    ['not there', null, 'no account on this cluster'],
    ['a wallet', WALLET, 'address of a wallet'],
    ['a mint', PLAIN.mint, 'no token account'],
    ['made by another program', { ...PLAIN.to, owner: OTHER }, 'no token account'],
    ['for another token', tokenAccount({ mint: OTHER, owner: OWNER }), `tokens of ${OTHER}, not of payment.mint`],
    ['frozen', frozen(PLAIN.to), 'is frozen'],
    ['of the other token program', EXTENDED.to, 'not of payment.mint'],
  ])('cannot be made where it goes to what is %s', (_what, to, said) => {
    const reason = expect.stringMatching(new RegExp(`^${TO} .*${said}`));
    expect(faultOf({ ...PLAIN, to })).toEqual({ field: 'payment.to', reason });
  });

  it('to a frozen account of Token-2022 cannot be made either', () => {
    expect(faultOf({ ...EXTENDED, to: frozen(EXTENDED.to) })).toMatchObject({ field: 'payment.to' });
  });
});
