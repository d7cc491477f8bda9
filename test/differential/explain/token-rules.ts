// Owns which effect explains which change of a token account, a mint, or what they are allowed.
import { either, givenUp, handedOver, lastHandover, operated, type Rule } from './said.ts';

/** The delegate is the one last approved, or nobody. */
const approved: Rule = ({ account, after }, { approvals }) =>
  approvals.findLast((it) => it.account === account)?.delegate === after;

/** Less is a right used up; more must have been approved, and no more than that. */
const approvedAmount: Rule = ({ account, before, after }, { approvals }) => {
  const last = approvals.findLast((it) => it.account === account);
  const now = BigInt(after ?? 0);
  return now <= BigInt(before ?? 0) || (last !== undefined && now <= last.amount);
};

/** A new owner of wrapped SOL has no close authority beside. */
const clearedWithOwner: Rule = ({ account, after }, effects) =>
  after === 'null' && lastHandover(effects, account, ['token_account_owner']) !== undefined;

/** Lamports of wrapped SOL are compared; tokens of others too. */
const compared: Rule = () => true;

const settled = operated('token_account_reallocate');
const memo = either(operated('token_account_memo_transfer_enable', 'token_account_memo_transfer_disable'), settled);
const guard = either(operated('token_account_cpi_guard_enable', 'token_account_cpi_guard_disable'), settled);
const hidden: Rule = ({ account }, { operations }) =>
  operations.some((it) => it.account === account && it.kind.startsWith('token_account_'));

/** By name of the field, or of the extension for all that it holds. */
export const TOKEN_ACCOUNT_RULES: Readonly<Record<string, Rule>> = {
  owner: handedOver('token_account_owner'),
  amount: compared,
  delegate: either(givenUp, approved),
  delegatedAmount: approvedAmount,
  state: operatedOrToggled(),
  closeAuthority: either(handedOver('close_account'), clearedWithOwner),
  'TransferFeeAmount.withheldAmount': compared,
  // The rent that wrapped SOL leaves alone.
  isNative: settled,
  MemoTransfer: memo,
  CpiGuard: guard,
  ConfidentialTransferAccount: hidden,
};

function operatedOrToggled(): Rule {
  return ({ account, after }, effects) => {
    const last = lastHandover(effects, account, ['token_account_freeze', 'token_account_thaw']);
    return last !== undefined && (last.kind === 'token_account_freeze') === (after === '2');
  };
}

const gathered: Rule = ({ account }, { operations, transfers }) =>
  operations.some((it) => it.account === account && it.kind === 'mint_withheld_harvest') ||
  transfers.some(({ source }) => source === account);

const nobodysFromTheStart: Rule = ({ before, after }) => before === null && after === 'null';
const feeSet = operated('mint_set_transfer_fee');
const metadata = operated('mint_metadata_initialize', 'mint_metadata_update', 'mint_metadata_key_remove');

export const MINT_RULES: Readonly<Record<string, Rule>> = {
  mintAuthority: handedOver('mint_tokens'),
  freezeAuthority: handedOver('freeze_account'),
  supply: compared,
  'TransferFeeConfig.transferFeeConfigAuthority': handedOver('transfer_fee_config'),
  'TransferFeeConfig.withdrawWithheldAuthority': handedOver('withheld_withdraw'),
  'TransferFeeConfig.withheldAmount': gathered,
  'TransferFeeConfig.olderTransferFee': feeSet,
  'TransferFeeConfig.newerTransferFee': feeSet,
  'MintCloseAuthority.closeAuthority': handedOver('close_mint'),
  'InterestBearingConfig.rateAuthority': handedOver('interest_rate'),
  InterestBearingConfig: operated('mint_interest_rate_update'),
  'PermanentDelegate.delegate': handedOver('permanent_delegate'),
  'ConfidentialTransferMint.authority': handedOver('confidential_transfer_mint'),
  ConfidentialTransferMint: operated('mint_confidential_transfer_update'),
  'TransferHook.authority': handedOver('transfer_hook_program_id'),
  'TransferHook.programId': handedOver('transfer_hook_program'),
  'MetadataPointer.authority': handedOver('metadata_pointer'),
  'MetadataPointer.metadataAddress': handedOver('metadata_pointer_target'),
  'GroupPointer.authority': handedOver('group_pointer'),
  'GroupPointer.groupAddress': handedOver('group_pointer_target'),
  'GroupMemberPointer.authority': handedOver('group_member_pointer'),
  'GroupMemberPointer.memberAddress': handedOver('group_member_pointer_target'),
  'ScaledUiAmountConfig.authority': handedOver('scaled_ui_amount'),
  ScaledUiAmountConfig: operated('mint_multiplier_update'),
  'PausableConfig.authority': handedOver('pause'),
  'PausableConfig.paused': operated('mint_pause', 'mint_resume'),
  'PermissionedBurn.authority': handedOver('permissioned_burn'),
  DefaultAccountState: operated('mint_default_account_state_update'),
  'TokenMetadata.updateAuthority': handedOver('token_metadata_update_authority'),
  TokenMetadata: metadata,
  'TokenGroup.updateAuthority': either(handedOver('token_group_update_authority'), nobodysFromTheStart),
  'TokenGroup.size': operated('mint_group_initialize', 'mint_group_member_add'),
  TokenGroup: operated('mint_group_initialize', 'mint_group_max_size_update'),
  TokenGroupMember: operated('mint_group_member_initialize'),
};
