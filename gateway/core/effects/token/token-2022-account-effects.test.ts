import { AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { NATIVE_MINT_2022, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { rentExemption } from '../rent.ts';
import { type Chain, judge } from '../testing/judge.ts';
import {
  ASSOCIATED,
  chainOf,
  effectsOf,
  FEE,
  FRESH,
  HOOK,
  held,
  MINT,
  OWN,
  STRANGER,
  send,
  stranger,
  WALLET,
  WITH_FEE,
  WITHHOLDING,
  wallet,
  withAccounts,
} from '../testing/token-2022-chain.ts';
import { extendedAccount, transferHook } from '../testing/token-2022-state.ts';

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
    // A byte for the kind, and two times five for the extensions.
    expect(rentLamports).toBe(rentExemption(11n) - rentExemption(0n));
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

  it('wrapped SOL in an account that was made larger before tells the larger rent', () => {
    const own = extendedAccount({ mint: NATIVE_MINT_2022, owner: WALLET, amount: 100n });
    const grow = token.getReallocateInstruction({
      token: OWN,
      payer: stranger,
      owner: wallet,
      newExtensionTypes: [token.ExtensionType.CpiGuard],
    });
    const close = token.getCloseAccountInstruction({ account: OWN, destination: STRANGER, owner: wallet });
    const { outflowsByRecipient } = effectsOf([grow, close], [[OWN, own]]);
    expect(outflowsByRecipient).toContainEqual({ asset: NATIVE_MINT_2022, recipient: STRANGER, amount: 100n });
    expect(outflowsByRecipient).toContainEqual({ asset: 'SOL', recipient: STRANGER, amount: rentExemption(171n) });
  });

  it('wrapped SOL in an account of which the size is not known is missing it', () => {
    const open = token.getInitializeAccount3Instruction({ account: OWN, mint: NATIVE_MINT_2022, owner: WALLET });
    const close = token.getCloseAccountInstruction({ account: OWN, destination: WALLET, owner: wallet });
    expect(effectsOf([open, close], []).missing).toMatchObject([{ fact: 'lamports', instruction: 1 }]);
  });
});

describe('recovering a nested account', () => {
  const NESTED = keyAddress(12);
  const MULTISIG = keyAddress(13);
  const chain: Chain = [...WITH_FEE, [NESTED, held(ASSOCIATED, [WITHHOLDING])]];

  const recover = (owner: typeof wallet | Address, tokenProgram: Address = TOKEN_2022_PROGRAM) =>
    token.getRecoverNestedAssociatedTokenInstruction({
      nestedAssociatedAccountAddress: NESTED,
      nestedTokenMintAddress: MINT,
      destinationAssociatedAccountAddress: ASSOCIATED,
      ownerAssociatedAccountAddress: ASSOCIATED,
      ownerTokenMintAddress: MINT,
      walletAddress: typeof owner === 'string' ? createNoopSigner(owner) : owner,
      tokenProgram,
    });

  it('moves all that is in it, less what its mint keeps', () => {
    const { transfers, outflows } = effectsOf([send(NESTED), recover(wallet)], chain);
    expect(transfers[1]).toMatchObject({ asset: MINT, amount: 1_975n, withheld: 30n, recipient: WALLET });
    // What is sent leaves for an account that is not the wallet's, and the fee leaves as it comes back.
    expect(outflows).toEqual([{ asset: MINT, amount: 1_030n, decimals: 6 }]);
  });

  it('counts for the wallet where it signs as a member of the owner', () => {
    const { outflowsByRecipient } = effectsOf([withSigner(recover(MULTISIG), WALLET)], chain);
    expect(outflowsByRecipient).toContainEqual({ asset: MINT, recipient: WALLET, amount: 1_000n });
  });

  it('reads its mint under the token program that is its own', () => {
    const mixed = withAccounts(recover(wallet, TOKEN_PROGRAM), TOKEN_2022_PROGRAM);
    expect(effectsOf([mixed], chain).missing).toEqual([]);
    expect(effectsOf([recover(wallet, TOKEN_PROGRAM)], chain).missing).toMatchObject([{ fact: 'mint' }]);
  });
});

/** Behind the nested account's token program, where members stand. */
function withSigner(instruction: Instruction, address: Address): Instruction {
  const nested = withAccounts(instruction, TOKEN_2022_PROGRAM);
  const signer = { address, role: AccountRole.READONLY_SIGNER };
  return { ...nested, accounts: [...(nested.accounts ?? []), signer] };
}
