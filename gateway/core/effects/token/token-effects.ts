// Owns which token instruction has which effect.
import type { TokenInstructionName } from '../../transaction/programs/token/spl-token.ts';
import { type InstructionEffect, nothing } from '../instruction-effect.ts';
import { approve, setAuthority, toggleFrozen } from './token-authority-effects.ts';
import { initializeAccount, initializeMint, initializeMultisig, syncNative } from './token-initialize-effects.ts';
import { closeTokenAccount, unwrapLamports, withdrawExcessLamports } from './token-lamport-effects.ts';
import { burnTokens, mintTokens } from './token-supply-effects.ts';
import { transferTokens } from './token-transfer-effects.ts';

const INITIALIZE_MINT = { says: 'a new mint with its decimals', apply: initializeMint };
const INITIALIZE_ACCOUNT = { says: 'a new token account of an owner', apply: initializeAccount };
const INITIALIZE_MULTISIG = { says: 'a new multisig; nobody loses or gains', apply: initializeMultisig };
const TRANSFER = {
  says: 'moves tokens: `transfers`, and `outflows` or `inflows` of the wallet',
  apply: transferTokens,
};
const APPROVE = { says: 'lets a delegate take tokens later: `approvals`', apply: approve };
const MINT = { says: 'makes tokens: `supply_changes`', apply: mintTokens };
const BURN = { says: 'destroys tokens: `supply_changes`, and `outflows` of the wallet', apply: burnTokens };
const TOGGLE_FROZEN = { says: 'freezes or thaws a token account: `authority_changes`', apply: toggleFrozen };

export const TOKEN_EFFECTS = {
  initialize_mint: INITIALIZE_MINT,
  initialize_mint2: INITIALIZE_MINT,
  initialize_account: INITIALIZE_ACCOUNT,
  initialize_account2: INITIALIZE_ACCOUNT,
  initialize_account3: INITIALIZE_ACCOUNT,
  initialize_multisig: INITIALIZE_MULTISIG,
  initialize_multisig2: INITIALIZE_MULTISIG,
  initialize_immutable_owner: nothing('none'),
  transfer: TRANSFER,
  transfer_checked: TRANSFER,
  approve: APPROVE,
  approve_checked: APPROVE,
  revoke: nothing('takes a right away, gives none'),
  set_authority: { says: 'hands an authority over: `authority_changes`', apply: setAuthority },
  mint_to: MINT,
  mint_to_checked: MINT,
  burn: BURN,
  burn_checked: BURN,
  close_account: {
    says: 'closes a token account, all its lamports go to the destination: `closes`, `transfers`',
    apply: closeTokenAccount,
  },
  freeze_account: TOGGLE_FROZEN,
  thaw_account: TOGGLE_FROZEN,
  sync_native: { says: 'counts lamports sent before as wrapped SOL', apply: syncNative },
  get_account_data_size: nothing('reads only'),
  amount_to_ui_amount: nothing('reads only'),
  ui_amount_to_amount: nothing('reads only'),
  withdraw_excess_lamports: {
    says: 'moves what is above the rent exemption: `transfers`',
    apply: withdrawExcessLamports,
  },
  unwrap_lamports: { says: 'moves wrapped SOL out as lamports: `transfers`', apply: unwrapLamports },
} satisfies Record<TokenInstructionName, InstructionEffect>;
