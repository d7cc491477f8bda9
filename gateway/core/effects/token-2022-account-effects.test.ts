import { createNoopSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { NATIVE_MINT_2022, TOKEN_2022_PROGRAM } from '../transaction/programs/program-ids.ts';
import { rentExemption } from './rent.ts';
import { type Chain, judge } from './testing/judge.ts';
import {
  ASSOCIATED,
  chainOf,
  effectsOf,
  FEE,
  FRESH,
  HOOK,
  MINT,
  OWN,
  STRANGER,
  stranger,
  WALLET,
  WITHHOLDING,
  wallet,
} from './testing/token-2022-chain.ts';
import { extendedAccount, transferHook } from './testing/token-2022-state.ts';

describe('new accounts', () => {
  const createAssociated = token.getCreateAssociatedTokenIdempotentInstruction({
    payer: wallet,
    ata: ASSOCIATED,
    owner: WALLET,
    mint: MINT,
    tokenProgram: TOKEN_2022_PROGRAM,
  });

  it.each<[string, readonly token.ExtensionArgs[], bigint]>([
    ['no extension', [], 170n],
    ['a fee', [FEE], 182n],
    ['a hook', [transferHook(HOOK)], 175n],
    ['what accounts do not follow', [{ __kind: 'PermanentDelegate', delegate: STRANGER }], 170n],
    ['no transfers at all', [{ __kind: 'NonTransferable' }], 174n],
    [
      'a fee, a hook and a pause',
      [FEE, transferHook(HOOK), { __kind: 'PausableConfig', authority: null, paused: false }],
      191n,
    ],
  ])('at the associated address of a mint with %s cost the rent of their size', (_what, extensions, size) => {
    const { effects, rounds } = judge(WALLET, [createAssociated], chainOf(extensions));
    expect(effects.creations).toMatchObject([
      { account: ASSOCIATED, payer: WALLET, ownerProgram: TOKEN_2022_PROGRAM, rentLamports: rentExemption(size) },
    ]);
    expect(effects.rentLamports).toBe(rentExemption(size));
    expect(rounds).toEqual([[MINT]]);
    expect(effects.mints).toHaveLength(1);
  });

  it('are missing the mint that says their size', () => {
    expect(effectsOf([createAssociated], []).missing).toMatchObject([{ fact: 'mint' }]);
  });

  it('of a mint that the transaction makes have what its extensions say', () => {
    const make = getCreateAccountInstruction({
      payer: wallet,
      newAccount: createNoopSigner(FRESH),
      lamports: rentExemption(300n),
      space: 300n,
      programAddress: TOKEN_2022_PROGRAM,
    });
    const prepared = [
      token.getInitializePermanentDelegateInstruction({ mint: FRESH, delegate: STRANGER }),
      token.getInitializeTransferFeeConfigInstruction({
        mint: FRESH,
        transferFeeConfigAuthority: STRANGER,
        withdrawWithheldAuthority: STRANGER,
        transferFeeBasisPoints: 100,
        maximumFee: 9n,
      }),
      token.getInitializeMint2Instruction({ mint: FRESH, decimals: 3, mintAuthority: STRANGER, freezeAuthority: null }),
    ];
    const own = token.getInitializeAccount3Instruction({ account: OWN, mint: FRESH, owner: WALLET });
    const give = token.getMintToInstruction({ mint: FRESH, token: OWN, mintAuthority: stranger, amount: 9n });
    const { mints, missing, inflows } = effectsOf([make, ...prepared, own, give], []);
    expect(mints).toMatchObject([
      {
        mint: FRESH,
        decimals: 3,
        permanentDelegate: STRANGER,
        extensions: ['permanent_delegate', 'transfer_fee_config'],
        transferFee: { basisPoints: 100, maximum: 9n },
      },
    ]);
    expect(inflows).toEqual([{ asset: FRESH, amount: 9n, decimals: 3 }]);
    expect(missing).toEqual([]);
    // Without its account being made here, the mint may have got extensions before.
    expect(effectsOf([...prepared, own], []).missing).toMatchObject([{ fact: 'mint' }]);
  });

  it('that become larger cost at most the rent of what is added', () => {
    const grow = token.getReallocateInstruction({
      token: OWN,
      payer: wallet,
      owner: wallet,
      newExtensionTypes: [token.ExtensionType.MemoTransfer, token.ExtensionType.CpiGuard],
    });
    const { operations, creations, rentLamports } = effectsOf([grow]);
    expect(operations).toMatchObject([{ kind: 'token_account_reallocate', account: OWN }]);
    expect(creations).toMatchObject([{ account: OWN, payer: WALLET }]);
    // A byte for the kind, two times five for the extensions, two that keep it from the size of a multisig.
    expect(rentLamports).toBe(rentExemption(13n) - rentExemption(0n));
  });

  it('include the mint of wrapped SOL', () => {
    const create = token.getCreateNativeMintInstruction({ payer: wallet, nativeMint: NATIVE_MINT_2022 });
    expect(effectsOf([create]).rentLamports).toBe(rentExemption(82n));
  });
});

describe('closing', () => {
  it('a mint pays all its lamports to the destination, for its close authority', () => {
    const chain = chainOf([{ __kind: 'MintCloseAuthority', closeAuthority: WALLET }]);
    const close = token.getCloseAccountInstruction({ account: MINT, destination: STRANGER, owner: wallet });
    const { closes, outflowsByRecipient, missing } = effectsOf([close], chain);
    const lamports = chain[0]?.[1].lamports ?? 0n;
    expect(closes).toMatchObject([{ account: MINT, owner: WALLET, destination: STRANGER }]);
    expect(outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: lamports }]);
    expect(missing).toEqual([]);
  });

  it('wrapped SOL in an account with extensions tells tokens and rent apart', () => {
    const own = extendedAccount({
      mint: NATIVE_MINT_2022,
      owner: WALLET,
      amount: 100n,
      extensions: [{ __kind: 'ImmutableOwner' }],
    });
    const close = token.getCloseAccountInstruction({ account: OWN, destination: STRANGER, owner: wallet });
    const { outflowsByRecipient, missing } = effectsOf([close], [[OWN, own]]);
    expect(outflowsByRecipient).toContainEqual({ asset: NATIVE_MINT_2022, recipient: STRANGER, amount: 100n });
    expect(outflowsByRecipient).toContainEqual({ asset: 'SOL', recipient: STRANGER, amount: rentExemption(170n) });
    expect(missing).toMatchObject([{ fact: 'amount' }]);
  });

  it('is not needed to take what is above the rent', () => {
    const chain: Chain = [
      [OWN, extendedAccount({ mint: MINT, owner: WALLET, extraLamports: 77n, extensions: [WITHHOLDING] })],
    ];
    const excess = token.getWithdrawExcessLamportsInstruction({
      source: OWN,
      destination: STRANGER,
      authority: wallet,
    });
    expect(effectsOf([excess], chain).outflowsByRecipient).toEqual([
      { asset: 'SOL', recipient: STRANGER, amount: 77n },
    ]);
  });
});
