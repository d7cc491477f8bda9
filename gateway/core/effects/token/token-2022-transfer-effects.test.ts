import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import {
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { AccountState } from '../chain-facts.ts';
import { type Chain, judge, mintAccount } from '../testing/judge.ts';
import {
  ASSOCIATED,
  chainOf,
  effectsOf,
  FRESH,
  FRIEND,
  FRIENDS,
  HOOK,
  held,
  MINT,
  OWN,
  PLAIN,
  STRANGER,
  STRANGERS,
  send,
  stranger,
  WALLET,
  WITH_FEE,
  WITHHOLDING,
  wallet,
  withAccounts,
} from '../testing/token-2022-chain.ts';
import { extendedAccount, extendedMint, transferHook } from '../testing/token-2022-state.ts';

describe('transfers of Token-2022', () => {
  it('always ask for the mint, in the one round that asks for the accounts', () => {
    const { effects, rounds } = judge(WALLET, [send(FRIENDS, 5n)], PLAIN);
    expect(rounds).toEqual([[OWN, FRIENDS, MINT]]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: MINT, recipient: FRIEND, amount: 5n }]);
    expect(effects.mints).toEqual([
      {
        mint: MINT,
        tokenProgram: TOKEN_2022_PROGRAM,
        decimals: 6,
        extensions: [],
        permanentDelegate: null,
        transferHook: null,
        transferFee: null,
      },
    ]);
    expect(effects.missing).toEqual([]);
  });

  it('without a mint find it in a second round', () => {
    const unchecked = token.getTransferInstruction({
      source: OWN,
      destination: FRIENDS,
      authority: wallet,
      amount: 5n,
    });
    expect(judge(WALLET, [unchecked], PLAIN).rounds).toEqual([[OWN, FRIENDS], [MINT]]);
    expect(effectsOf([unchecked]).transfers[0]).toMatchObject({ asset: MINT, decimals: 6 });
  });

  it.each<[string, AccountState | null]>([
    ['does not exist', null],
    ['has an extension that nobody knows', unknownExtension()],
    ['is one of SPL Token', mintAccount(6)],
    ['is a token account', held(STRANGER)],
    ['has other decimals', extendedMint({ decimals: 9 })],
  ])('are missing their mint where it %s', (_what, mint) => {
    const chain = PLAIN.filter(([address]) => address !== MINT);
    const { missing } = effectsOf([send(FRIENDS)], mint === null ? chain : [...chain, [MINT, mint]]);
    expect(missing).toEqual([{ fact: 'mint', instruction: 0, detail: expect.stringContaining(MINT) }]);
  });

  it('are missing an account that is one of the other token program', () => {
    const other: Chain = [...PLAIN.filter(([address]) => address !== FRIENDS), [FRIENDS, spl(held(FRIEND))]];
    expect(effectsOf([send(FRIENDS)], other).missing).toMatchObject([{ fact: 'token_account' }]);
    expect(effectsOf([send(FRIENDS)], other).transfers[0]?.recipient).toBeNull();
  });

  it('that the wallet signs as permanent delegate count like its own', () => {
    const chain = chainOf([{ __kind: 'PermanentDelegate', delegate: WALLET }]);
    const { outflowsByRecipient, mints } = effectsOf([send(FRIENDS, 5n, STRANGERS)], chain);
    expect(outflowsByRecipient).toEqual([{ asset: MINT, recipient: FRIEND, amount: 5n }]);
    expect(mints[0]).toMatchObject({ permanentDelegate: WALLET, extensions: ['permanent_delegate'] });
  });

  it('that a permanent delegate takes from the wallet leave it without its signature', () => {
    const chain = chainOf([{ __kind: 'PermanentDelegate', delegate: STRANGER }]);
    const { outflowsByRecipient } = effectsOf([send(STRANGERS, 5n, OWN, stranger)], chain);
    expect(outflowsByRecipient).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
  });

  it('into the associated account of the wallet stay its own, into any other they may not', () => {
    expect(effectsOf([send(ASSOCIATED, 5n)]).outflows).toEqual([]);
    expect(effectsOf([send(OWN, 5n, ASSOCIATED)]).outflowsByRecipient).toEqual([
      { asset: MINT, recipient: OWN, amount: 5n },
    ]);
  });

  it('have no recipient where another may close the account', () => {
    const closable = extendedAccount({ mint: MINT, owner: FRIEND, closeAuthority: STRANGER });
    const chain: Chain = [...PLAIN.filter(([address]) => address !== FRIENDS), [FRIENDS, closable]];
    expect(effectsOf([send(FRIENDS)], chain).transfers[0]?.recipient).toBeNull();
  });

  it('of wrapped SOL have an asset of their own and need no mint', () => {
    const chain: Chain = [
      [OWN, held(WALLET, [], NATIVE_MINT_2022)],
      [FRIENDS, held(FRIEND, [], NATIVE_MINT_2022)],
    ];
    const unchecked = token.getTransferInstruction({
      source: OWN,
      destination: FRIENDS,
      authority: wallet,
      amount: 5n,
    });
    const { effects, rounds } = judge(WALLET, [unchecked], chain);
    expect(effects.outflows).toEqual([{ asset: NATIVE_MINT_2022, amount: 5n, decimals: 9 }]);
    expect(rounds).toEqual([[OWN, FRIENDS]]);
  });
});

describe('a transfer fee', () => {
  it('is part of what leaves, and is told at most', () => {
    const { transfers, outflows, mints } = effectsOf([send(FRIENDS)], WITH_FEE);
    expect(transfers[0]).toMatchObject({ amount: 1_000n, withheld: 25n });
    expect(outflows).toEqual([{ asset: MINT, amount: 1_000n, decimals: 6 }]);
    expect(mints[0]).toMatchObject({ transferFee: { basisPoints: 250, maximum: 50n } });
  });

  it('does not come in', () => {
    const { inflows, protectedBalances } = effectsOf([send(OWN, 1_000n, STRANGERS, stranger)], WITH_FEE);
    expect(inflows).toEqual([{ asset: MINT, amount: 975n, decimals: 6 }]);
    expect(protectedBalances).toMatchObject([{ account: OWN, inflow: 975n, outflow: 0n }]);
  });

  it('leaves the wallet where the rest stays its own', () => {
    const { outflows, outflowsByRecipient } = effectsOf([send(ASSOCIATED)], WITH_FEE);
    expect(outflows).toEqual([{ asset: MINT, amount: 25n, decimals: 6 }]);
    expect(outflowsByRecipient).toEqual([]);
  });

  it('that is stated is the one: the chain refuses any other', () => {
    const stated = token.getTransferCheckedWithFeeInstruction({
      source: OWN,
      mint: MINT,
      destination: FRIENDS,
      authority: wallet,
      amount: 1_000n,
      decimals: 6,
      fee: 10n,
    });
    expect(effectsOf([stated], WITH_FEE).transfers[0]).toMatchObject({ amount: 1_000n, withheld: 10n });
  });

  it('is not asked of an account that pays itself', () => {
    expect(effectsOf([send(OWN)], WITH_FEE).transfers[0]).toMatchObject({ withheld: 0n });
  });
});

describe('fees that were kept', () => {
  const fromMint = (authority = wallet, feeReceiver = FRIENDS) =>
    token.getWithdrawWithheldTokensFromMintInstruction({
      mint: MINT,
      feeReceiver,
      withdrawWithheldAuthority: authority,
    });
  const fromAccounts = (...sources: readonly Address[]) =>
    token.getWithdrawWithheldTokensFromAccountsInstruction({
      mint: MINT,
      feeReceiver: FRIENDS,
      withdrawWithheldAuthority: wallet,
      numTokenAccounts: sources.length,
      sources: [...sources],
    });

  it('leave whoever may withdraw them, and are however many there will be', () => {
    const { transfers, outflowsByRecipient, missing } = effectsOf([fromMint()], WITH_FEE);
    expect(transfers).toMatchObject([{ source: MINT, sourceOwner: WALLET, destination: FRIENDS, amount: 70n }]);
    expect(outflowsByRecipient).toEqual([{ asset: MINT, recipient: FRIEND, amount: 70n }]);
    expect(missing).toMatchObject([{ fact: 'amount', instruction: 0 }]);
  });

  it('come in where others withdraw them to the wallet', () => {
    const { inflows, missing } = effectsOf([fromMint(stranger, OWN)], WITH_FEE);
    expect(inflows).toEqual([{ asset: MINT, amount: 70n, decimals: 6 }]);
    expect(missing).toEqual([]);
  });

  it('of accounts are summed, each once', () => {
    const { transfers } = effectsOf([fromAccounts(STRANGERS, OWN, OWN)], WITH_FEE);
    expect(transfers).toMatchObject([{ amount: 8n }]);
  });

  it('of an account of another mint are passed over', () => {
    const other: Chain = [...WITH_FEE, [FRESH, held(STRANGER, [WITHHOLDING], keyAddress(40))]];
    expect(effectsOf([fromAccounts(FRESH, OWN)], other).transfers).toMatchObject([{ amount: 4n }]);
  });

  it('are followed from account to mint and out of it', () => {
    const harvest = token.getHarvestWithheldTokensToMintInstruction({ mint: MINT, sources: [OWN] });
    const { transfers, operations } = effectsOf([send(OWN, 1_000n, STRANGERS), harvest, fromMint()], WITH_FEE);
    expect(operations).toMatchObject([{ kind: 'mint_withheld_harvest', account: MINT }]);
    expect(transfers[1]).toMatchObject({ amount: 70n + 4n + 25n });
  });

  it('are missing where it is not known what was harvested', () => {
    const harvest = token.getHarvestWithheldTokensToMintInstruction({ mint: MINT, sources: [keyAddress(77)] });
    const { missing } = effectsOf([harvest, fromMint(stranger, OWN)], WITH_FEE);
    expect(missing).toMatchObject([{ fact: 'amount', instruction: 1 }]);
  });
});

describe('a transfer hook', () => {
  const hooked = chainOf([transferHook(HOOK)], [{ __kind: 'TransferHookAccount', transferring: false }]);
  const mutable = chainOf([transferHook(SYSTEM_PROGRAM, STRANGER)]);

  it('is missing on every transfer, with mint and program', () => {
    const { missing, mints, cpiSigners } = effectsOf([send(FRIENDS)], hooked);
    expect(missing).toEqual([{ fact: 'transfer_hook', instruction: 0, detail: expect.stringContaining(HOOK) }]);
    expect(missing[0]?.detail).toContain(MINT);
    expect(mints[0]).toMatchObject({ transferHook: HOOK, extensions: ['transfer_hook'] });
    expect(cpiSigners).toEqual([]);
  });

  it('may get the signature of the wallet where it stands among the further accounts', () => {
    const { cpiSigners } = effectsOf([withAccounts(send(FRIENDS, 5n, STRANGERS, stranger), HOOK, WALLET)], hooked);
    expect(cpiSigners).toEqual([{ instruction: 0, basis: 'state', program: HOOK, signer: WALLET }]);
  });

  it('that is none calls nothing', () => {
    expect(effectsOf([withAccounts(send(FRIENDS), HOOK)], chainOf([transferHook(SYSTEM_PROGRAM)])).missing).toEqual([]);
  });

  it('that another may set before it lands is missing where there is an account to call', () => {
    expect(effectsOf([send(FRIENDS)], mutable).missing).toEqual([]);
    expect(effectsOf([withAccounts(send(FRIENDS), HOOK)], mutable).missing).toMatchObject([{ fact: 'transfer_hook' }]);
    const closable = chainOf([{ __kind: 'MintCloseAuthority', closeAuthority: STRANGER }]);
    expect(effectsOf([withAccounts(send(FRIENDS), HOOK)], closable).missing).toMatchObject([{ fact: 'transfer_hook' }]);
  });

  it('that the transaction sets is called from then on', () => {
    const set = token.getUpdateTransferHookInstruction({ mint: MINT, authority: stranger, programId: HOOK });
    const { missing, operations, authorityChanges } = effectsOf([set, send(FRIENDS)], mutable);
    expect(missing).toMatchObject([{ fact: 'transfer_hook', instruction: 1 }]);
    expect(operations).toMatchObject([{ kind: 'mint_transfer_hook_update', account: MINT }]);
    expect(authorityChanges).toMatchObject([{ kind: 'transfer_hook_program', from: STRANGER, to: HOOK }]);
  });
});

function unknownExtension(): AccountState {
  const state = extendedMint({ extensions: [{ __kind: 'PermanentDelegate', delegate: STRANGER }] });
  const data = new Uint8Array(state.data);
  data[166] = 200;
  return { ...state, data };
}

function spl(state: AccountState): AccountState {
  return { ...state, owner: TOKEN_PROGRAM };
}
