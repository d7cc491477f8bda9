import type { Instruction } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import {
  chainOf,
  effectsOf,
  FRESH,
  FRIENDS,
  MINT,
  OWN,
  STRANGER,
  STRANGERS,
  stranger,
  WALLET,
  WITH_FEE,
  wallet,
} from '../testing/token-2022-chain.ts';

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

  it('of new metadata and of a new group are listed with who gets them', () => {
    const { operations, authorityChanges } = effectsOf([
      token.getInitializeTokenMetadataInstruction({
        ...{ metadata: MINT, updateAuthority: STRANGER, mint: MINT, mintAuthority: wallet },
        ...{ name: 'name', symbol: 'symbol', uri: 'uri' },
      }),
      token.getInitializeTokenGroupInstruction({
        ...{ group: MINT, mint: MINT, mintAuthority: wallet, updateAuthority: STRANGER, maxSize: 1 },
      }),
    ]);
    expect(operations.map(({ kind }) => kind)).toEqual(['mint_metadata_initialize', 'mint_group_initialize']);
    expect(authorityChanges.map(({ kind, account, from, to }) => [kind, account, from, to])).toEqual([
      ['token_metadata_update_authority', MINT, null, STRANGER],
      ['token_group_update_authority', MINT, null, STRANGER],
    ]);
  });

  it('a new member is an operation on the group too', () => {
    const join = token.getInitializeTokenGroupMemberInstruction({
      ...{ member: FRESH, memberMint: FRESH, memberMintAuthority: stranger, group: MINT, groupUpdateAuthority: wallet },
    });
    expect(effectsOf([join]).operations.map(({ kind, account }) => [kind, account])).toEqual([
      ['mint_group_member_initialize', FRESH],
      ['mint_group_member_add', MINT],
    ]);
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
