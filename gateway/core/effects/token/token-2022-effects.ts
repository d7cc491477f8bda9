// Owns which Token-2022 instruction has which effect; what SPL Token has too does the same here.
import type { Token2022InstructionName } from '../../transaction/programs/token/token-2022.ts';
import { type InstructionEffect, nothing } from '../instruction-effect.ts';
import { depositConfidential, hiddenAmount, withdrawConfidential } from './token-confidential-effects.ts';
import { TOKEN_EFFECTS } from './token-effects.ts';
import {
  closeAuthoritySetting,
  newExtension,
  permanentDelegateSetting,
  transferFeeSetting,
  transferHookSetting,
  updateTransferHook,
} from './token-extension-effects.ts';
import { configureWithRegistry, createNativeMint, reallocate } from './token-growth-effects.ts';
import { initializeGroup, initializeGroupMember, initializeMetadata } from './token-metadata-effects.ts';
import { operation, rightMoved } from './token-operation-effects.ts';
import { harvestWithheld, withdrawFromAccounts, withdrawFromMint } from './token-withheld-effects.ts';

const WITHDRAW_FEES = 'moves transfer fees that were kept to whom their authority says: `transfers`';
const HIDDEN = 'a hidden amount: `operations`; the amount is `missing`';
const PERMISSIONED_BURN = {
  says: 'destroys tokens with the permission of their mint: `supply_changes`, and `outflows` of whoever signs',
  apply: TOKEN_EFFECTS.burn.apply,
};

const TRANSFER_FEES = {
  initialize_transfer_fee_config: newExtension('transfer_fee_config', transferFeeSetting),
  transfer_checked_with_fee: TOKEN_EFFECTS.transfer_checked,
  withdraw_withheld_tokens_from_mint: { says: WITHDRAW_FEES, apply: withdrawFromMint },
  withdraw_withheld_tokens_from_accounts: { says: WITHDRAW_FEES, apply: withdrawFromAccounts },
  harvest_withheld_tokens_to_mint: {
    says: 'gathers the fees that accounts keep in their mint: `operations`',
    apply: harvestWithheld,
  },
  set_transfer_fee: operation('mint_set_transfer_fee', 'another transfer fee, from the epoch after the next on'),
} satisfies Record<string, InstructionEffect>;

const CONFIDENTIAL = {
  initialize_confidential_transfer_mint: newExtension('confidential_transfer_mint'),
  update_confidential_transfer_mint: operation(
    'mint_confidential_transfer_update',
    'changes who may use confidential transfers and who can read their amounts',
  ),
  configure_confidential_transfer_account: operation(
    'token_account_confidential_configure',
    'prepares an account for confidential transfers',
  ),
  configure_confidential_transfer_account_with_registry: {
    says: 'prepares an account for confidential transfers, its rent paid by the payer: `operations`, `creations`',
    apply: configureWithRegistry,
  },
  approve_confidential_transfer_account: operation(
    'token_account_confidential_approve',
    'allows an account confidential transfers',
  ),
  empty_confidential_transfer_account: operation(
    'token_account_confidential_empty',
    'shows that nothing hidden is left, so that the account can be closed',
  ),
  confidential_deposit: {
    says: 'hides tokens of an account: `operations`, `transfers` to itself, and `outflows` of the wallet',
    apply: depositConfidential,
  },
  confidential_withdraw: {
    says: 'takes hidden tokens of an account into its plain balance: `operations`, `transfers` to itself, `inflows`',
    apply: withdrawConfidential,
  },
  confidential_transfer: {
    says: `moves ${HIDDEN}`,
    apply: hiddenAmount('token_account_confidential_transfer'),
  },
  confidential_transfer_with_fee: {
    says: `moves ${HIDDEN}`,
    apply: hiddenAmount('token_account_confidential_transfer'),
  },
  apply_confidential_pending_balance: operation(
    'token_account_confidential_apply',
    'makes hidden tokens that came in spendable',
  ),
  enable_confidential_credits: operation('token_account_confidential_credits_enable', 'lets hidden amounts come in'),
  disable_confidential_credits: operation(
    'token_account_confidential_credits_disable',
    'refuses hidden amounts that come in',
  ),
  enable_non_confidential_credits: operation('token_account_plain_credits_enable', 'lets plain amounts come in'),
  disable_non_confidential_credits: operation(
    'token_account_plain_credits_disable',
    'refuses plain amounts that come in',
  ),
  initialize_confidential_transfer_fee: newExtension('confidential_transfer_fee'),
  withdraw_withheld_tokens_from_mint_for_confidential_transfer_fee: {
    says: `moves transfer fees of ${HIDDEN}`,
    apply: hiddenAmount('mint_confidential_withheld_withdraw'),
  },
  withdraw_withheld_tokens_from_accounts_for_confidential_transfer_fee: {
    says: `moves transfer fees of ${HIDDEN}`,
    apply: hiddenAmount('mint_confidential_withheld_withdraw'),
  },
  harvest_withheld_tokens_to_mint_for_confidential_transfer_fee: operation(
    'mint_confidential_withheld_harvest',
    'gathers hidden fees that accounts keep in their mint',
  ),
  enable_harvest_to_mint: operation('mint_harvest_enable', 'lets hidden fees be gathered in the mint'),
  disable_harvest_to_mint: operation('mint_harvest_disable', 'refuses that hidden fees are gathered in the mint'),
  initialize_confidential_mint_burn: newExtension('confidential_mint_burn'),
  rotate_supply_elgamal_pubkey: operation('mint_confidential_supply_key_rotate', 'another key reads the hidden supply'),
  update_confidential_mint_burn_decryptable_supply: operation(
    'mint_confidential_supply_update',
    'restates the hidden supply for its authority',
  ),
  confidential_mint: { says: `makes ${HIDDEN}`, apply: hiddenAmount('token_account_confidential_mint') },
  confidential_burn: { says: `destroys ${HIDDEN}`, apply: hiddenAmount('token_account_confidential_burn') },
  permissioned_confidential_burn: {
    says: `destroys ${HIDDEN}`,
    apply: hiddenAmount('token_account_confidential_burn'),
  },
  apply_confidential_pending_burn: operation(
    'mint_confidential_burn_apply',
    'takes hidden tokens that were destroyed off the supply',
  ),
} satisfies Record<string, InstructionEffect>;

const MINT_SETTINGS = {
  initialize_mint_close_authority: newExtension('mint_close_authority', closeAuthoritySetting),
  initialize_non_transferable_mint: newExtension('non_transferable'),
  initialize_permanent_delegate: newExtension('permanent_delegate', permanentDelegateSetting),
  initialize_default_account_state: newExtension('default_account_state'),
  update_default_account_state: operation(
    'mint_default_account_state_update',
    'whether new accounts are frozen from the start',
  ),
  initialize_interest_bearing_mint: newExtension('interest_bearing_config'),
  update_rate_interest_bearing_mint: operation('mint_interest_rate_update', 'another rate in shown amounts'),
  initialize_scaled_ui_amount_mint: newExtension('scaled_ui_amount_config'),
  update_multiplier_scaled_ui_mint: operation('mint_multiplier_update', 'another multiplier in shown amounts'),
  initialize_pausable_config: newExtension('pausable_config'),
  pause: operation('mint_pause', 'stops every transfer, mint and burn'),
  resume: operation('mint_resume', 'lets transfers, mints and burns go on'),
  initialize_transfer_hook: newExtension('transfer_hook', transferHookSetting),
  update_transfer_hook: {
    says: 'sets the program that each transfer calls: `operations`, `authority_changes`',
    apply: updateTransferHook,
  },
  initialize_permissioned_burn: newExtension('permissioned_burn'),
  permissioned_burn: PERMISSIONED_BURN,
  permissioned_burn_checked: PERMISSIONED_BURN,
  create_native_mint: {
    says: 'makes the mint of wrapped SOL, its rent paid by the payer: `creations`',
    apply: createNativeMint,
  },
} satisfies Record<string, InstructionEffect>;

const METADATA_AND_GROUPS = {
  initialize_metadata_pointer: newExtension('metadata_pointer'),
  update_metadata_pointer: rightMoved(
    'metadata_pointer_target',
    'metadata_address',
    'says which account tells the name of a token',
  ),
  initialize_group_pointer: newExtension('group_pointer'),
  update_group_pointer: rightMoved('group_pointer_target', 'group_address', 'says which account keeps the group'),
  initialize_group_member_pointer: newExtension('group_member_pointer'),
  update_group_member_pointer: rightMoved(
    'group_member_pointer_target',
    'member_address',
    'says which account keeps the membership',
  ),
  initialize_token_metadata: {
    says: 'gives a token its name, and says who may change it: `operations`, `authority_changes`',
    apply: initializeMetadata,
  },
  update_token_metadata_field: operation('mint_metadata_update', 'changes the name of a token, or a field beside it'),
  remove_token_metadata_key: operation('mint_metadata_key_remove', 'removes a field beside the name of a token'),
  update_token_metadata_update_authority: rightMoved(
    'token_metadata_update_authority',
    'new_update_authority',
    'says who may change the name of a token',
  ),
  emit_token_metadata: nothing('reads only'),
  initialize_token_group: {
    says: 'makes a mint a group, and says who may change it: `operations`, `authority_changes`',
    apply: initializeGroup,
  },
  update_token_group_max_size: operation('mint_group_max_size_update', 'another largest size of a group'),
  update_token_group_update_authority: rightMoved(
    'token_group_update_authority',
    'new_update_authority',
    'says who may change a group',
  ),
  initialize_token_group_member: {
    says: 'makes a mint the member of a group: `operations` on both',
    apply: initializeGroupMember,
  },
} satisfies Record<string, InstructionEffect>;

const ACCOUNT_SETTINGS = {
  reallocate: {
    says: 'makes a token account larger, its rent paid by the payer: `operations`, `creations`',
    apply: reallocate,
  },
  enable_memo_transfers: operation('token_account_memo_transfer_enable', 'asks a memo of every transfer that comes in'),
  disable_memo_transfers: operation('token_account_memo_transfer_disable', 'asks no memo any more'),
  enable_cpi_guard: operation('token_account_cpi_guard_enable', 'refuses programs that act for the owner'),
  disable_cpi_guard: operation('token_account_cpi_guard_disable', 'lets programs act for the owner again'),
} satisfies Record<string, InstructionEffect>;

export const TOKEN_2022_EFFECTS = {
  ...TOKEN_EFFECTS,
  ...TRANSFER_FEES,
  ...CONFIDENTIAL,
  ...MINT_SETTINGS,
  ...METADATA_AND_GROUPS,
  ...ACCOUNT_SETTINGS,
} satisfies Record<Token2022InstructionName, InstructionEffect>;
