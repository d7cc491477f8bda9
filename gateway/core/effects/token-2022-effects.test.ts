import { AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import {
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import type { AccountState } from './chain-facts.ts';
import { rentExemption } from './rent.ts';
import { type Chain, judge, mintAccount } from './testing/judge.ts';
import { extendedAccount, extendedMint, feeConfig, transferHook } from './testing/token-2022-state.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const FRIEND = keyAddress(3);
const MINT = keyAddress(4);
const OWN = keyAddress(5);
const FRIENDS = keyAddress(7);
const STRANGERS = keyAddress(8);
const FRESH = keyAddress(9);
const HOOK = keyAddress(11);
const [ASSOCIATED] = await token.findAssociatedTokenPda({
  owner: WALLET,
  mint: MINT,
  tokenProgram: TOKEN_2022_PROGRAM,
});
const wallet = createNoopSigner(WALLET);
const stranger = createNoopSigner(STRANGER);

const FEE = feeConfig({ basisPoints: 100, maximum: 50n }, { basisPoints: 250, maximum: 30n }, STRANGER, 70n);
const WITHHOLDING = { __kind: 'TransferFeeAmount', withheldAmount: 4n } as const;

const held = (owner: Address, extensions: readonly token.ExtensionArgs[] = [], mint = MINT): AccountState =>
  extendedAccount({ mint, owner, extensions });

function chainOf(
  mintExtensions: readonly token.ExtensionArgs[],
  extensions: readonly token.ExtensionArgs[] = [],
): Chain {
  return [
    [MINT, extendedMint({ extensions: mintExtensions, supply: 1_000n })],
    [OWN, held(WALLET, extensions)],
    [ASSOCIATED, held(WALLET, [{ __kind: 'ImmutableOwner' }, ...extensions])],
    [FRIENDS, held(FRIEND, extensions)],
    [STRANGERS, held(STRANGER, extensions)],
  ];
}

const PLAIN = chainOf([]);
const WITH_FEE = chainOf([FEE], [WITHHOLDING]);

const send = (destination: Address, amount = 1_000n, source = OWN, authority = wallet) =>
  token.getTransferCheckedInstruction({ source, mint: MINT, destination, authority, amount, decimals: 6 });

function withAccounts(instruction: Instruction, ...addresses: readonly Address[]): Instruction {
  const further = addresses.map((address) => ({ address, role: AccountRole.READONLY }));
  return { ...instruction, accounts: [...(instruction.accounts ?? []), ...further] };
}

const effectsOf = (instructions: readonly Instruction[], chain = PLAIN) => judge(WALLET, instructions, chain).effects;

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

describe('rights and settings', () => {
  it.each([
    [token.AuthorityType.TransferFeeConfig, 'transfer_fee_config'],
    [token.AuthorityType.WithheldWithdraw, 'withheld_withdraw'],
    [token.AuthorityType.CloseMint, 'close_mint'],
    [token.AuthorityType.InterestRate, 'interest_rate'],
    [token.AuthorityType.PermanentDelegate, 'permanent_delegate'],
    [token.AuthorityType.ConfidentialTransferMint, 'confidential_transfer_mint'],
    [token.AuthorityType.TransferHookProgramId, 'transfer_hook_program_id'],
    [token.AuthorityType.ConfidentialTransferFeeConfig, 'confidential_transfer_fee_config'],
    [token.AuthorityType.MetadataPointer, 'metadata_pointer'],
    [token.AuthorityType.GroupPointer, 'group_pointer'],
    [token.AuthorityType.GroupMemberPointer, 'group_member_pointer'],
    [token.AuthorityType.ScaledUiAmount, 'scaled_ui_amount'],
    [token.AuthorityType.Pause, 'pause'],
    [token.AuthorityType.PermissionedBurn, 'permissioned_burn'],
  ])('of kind %d that are set are listed as %s', (authorityType, kind) => {
    const set = token.getSetAuthorityInstruction({ owned: MINT, owner: wallet, authorityType, newAuthority: STRANGER });
    expect(effectsOf([set]).authorityChanges).toMatchObject([{ kind, account: MINT, from: WALLET, to: STRANGER }]);
  });

  const mint = { mint: MINT };
  const account = { token: OWN };
  const byWallet = { authority: wallet };

  it.each<[string, Instruction]>([
    [
      'mint_set_transfer_fee',
      token.getSetTransferFeeInstruction({
        ...mint,
        transferFeeConfigAuthority: wallet,
        transferFeeBasisPoints: 1,
        maximumFee: 2n,
      }),
    ],
    [
      'mint_default_account_state_update',
      token.getUpdateDefaultAccountStateInstruction({
        ...mint,
        freezeAuthority: wallet,
        state: token.AccountState.Frozen,
      }),
    ],
    [
      'mint_interest_rate_update',
      token.getUpdateRateInterestBearingMintInstruction({ ...mint, rateAuthority: wallet, rate: 5 }),
    ],
    [
      'mint_multiplier_update',
      token.getUpdateMultiplierScaledUiMintInstruction({ ...mint, ...byWallet, multiplier: 2, effectiveTimestamp: 0n }),
    ],
    ['mint_pause', token.getPauseInstruction({ ...mint, ...byWallet })],
    ['mint_resume', token.getResumeInstruction({ ...mint, ...byWallet })],
    [
      'mint_metadata_update',
      token.getUpdateTokenMetadataFieldInstruction({
        metadata: MINT,
        updateAuthority: wallet,
        field: token.tokenMetadataField('Name'),
        value: 'x',
      }),
    ],
    [
      'mint_metadata_key_remove',
      token.getRemoveTokenMetadataKeyInstruction({ metadata: MINT, updateAuthority: wallet, key: 'x' }),
    ],
    ['token_account_memo_transfer_enable', token.getEnableMemoTransfersInstruction({ ...account, owner: wallet })],
    ['token_account_memo_transfer_disable', token.getDisableMemoTransfersInstruction({ ...account, owner: wallet })],
    ['token_account_cpi_guard_enable', token.getEnableCpiGuardInstruction({ ...account, owner: wallet })],
    ['token_account_cpi_guard_disable', token.getDisableCpiGuardInstruction({ ...account, owner: wallet })],
    [
      'token_account_plain_credits_disable',
      token.getDisableNonConfidentialCreditsInstruction({ ...account, ...byWallet }),
    ],
  ])('%s is an operation on the account that it changes', (kind, instruction) => {
    const subject = kind.startsWith('mint_') ? MINT : OWN;
    expect(effectsOf([instruction]).operations).toEqual([{ instruction: 0, basis: 'message', kind, account: subject }]);
  });

  it('of metadata, groups and pointers are listed with who has them then', () => {
    const update = { updateAuthority: wallet, newUpdateAuthority: STRANGER };
    const { authorityChanges } = effectsOf([
      token.getUpdateTokenMetadataUpdateAuthorityInstruction({ metadata: MINT, ...update }),
      token.getUpdateTokenGroupUpdateAuthorityInstruction({ group: MINT, ...update }),
      token.getUpdateMetadataPointerInstruction({
        ...mint,
        metadataPointerAuthority: wallet,
        metadataAddress: STRANGER,
      }),
      token.getUpdateGroupPointerInstruction({ ...mint, groupPointerAuthority: wallet, groupAddress: STRANGER }),
      token.getUpdateGroupMemberPointerInstruction({
        ...mint,
        groupMemberPointerAuthority: wallet,
        memberAddress: null,
      }),
    ]);
    expect(authorityChanges.map(({ kind, account: changed, from, to }) => [kind, changed, from, to])).toEqual([
      ['token_metadata_update_authority', MINT, WALLET, STRANGER],
      ['token_group_update_authority', MINT, WALLET, STRANGER],
      ['metadata_pointer_target', MINT, WALLET, STRANGER],
      ['group_pointer_target', MINT, WALLET, STRANGER],
      ['group_member_pointer_target', MINT, WALLET, null],
    ]);
  });

  it('given to a delegate are listed with their mint', () => {
    const approve = token.getApproveInstruction({ source: OWN, delegate: STRANGER, owner: wallet, amount: 7n });
    const { approvals, mints } = effectsOf([approve], WITH_FEE);
    expect(approvals).toMatchObject([{ account: OWN, delegate: STRANGER, asset: MINT, amount: 7n }]);
    expect(mints).toMatchObject([{ mint: MINT, extensions: ['transfer_fee_config'] }]);
  });
});

describe('supply', () => {
  it('that the wallet permits to be burned counts like its own', () => {
    const burn = token.getPermissionedBurnInstruction({
      account: STRANGERS,
      mint: MINT,
      permissionedBurnAuthority: wallet,
      authority: stranger,
      amount: 6n,
    });
    const { outflows, supplyChanges } = effectsOf([burn], chainOf([{ __kind: 'PermissionedBurn', authority: WALLET }]));
    expect(supplyChanges).toMatchObject([{ kind: 'burn', asset: MINT, account: STRANGERS, amount: 6n }]);
    expect(outflows).toEqual([{ asset: MINT, amount: 6n, decimals: 6 }]);
  });
});

describe('confidential transfers', () => {
  const crossing = { token: OWN, mint: MINT, authority: wallet, amount: 8n, decimals: 6 };

  it('take what is hidden out of every sum', () => {
    const { outflowsByRecipient, operations, transfers } = effectsOf([
      token.getConfidentialDepositInstruction(crossing),
    ]);
    expect(outflowsByRecipient).toEqual([{ asset: MINT, recipient: OWN, amount: 8n }]);
    expect(operations).toMatchObject([{ kind: 'token_account_confidential_deposit', account: OWN }]);
    expect(transfers).toMatchObject([{ source: OWN, destination: OWN, amount: 8n }]);
  });

  it('bring back what is stated', () => {
    const withdraw = token.getConfidentialWithdrawInstruction({
      ...crossing,
      newDecryptableAvailableBalance: new Uint8Array(36),
      equalityProofInstructionOffset: 0,
      rangeProofInstructionOffset: 0,
      equalityRecord: FRESH,
      rangeRecord: FRESH,
    });
    const { inflows, outflows } = effectsOf([withdraw]);
    expect(inflows).toEqual([{ asset: MINT, amount: 8n, decimals: 6 }]);
    expect(outflows).toEqual([]);
  });

  it('hide their amount, which is missing', () => {
    const move = token.getConfidentialTransferInstruction({
      sourceToken: OWN,
      mint: MINT,
      destinationToken: FRIENDS,
      authority: wallet,
      newSourceDecryptableAvailableBalance: new Uint8Array(36),
      transferAmountAuditorCiphertextLo: new Uint8Array(64),
      transferAmountAuditorCiphertextHi: new Uint8Array(64),
      equalityProofInstructionOffset: 0,
      ciphertextValidityProofInstructionOffset: 0,
      rangeProofInstructionOffset: 0,
      equalityRecord: FRESH,
      ciphertextValidityRecord: FRESH,
      rangeRecord: FRESH,
    });
    const { missing, operations } = effectsOf([move]);
    expect(missing).toMatchObject([{ fact: 'amount', instruction: 0 }]);
    expect(operations).toMatchObject([{ kind: 'token_account_confidential_transfer', account: OWN }]);
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
