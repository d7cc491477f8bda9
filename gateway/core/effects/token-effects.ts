// Owns which token instruction has which effect.
import type { TokenInstructionName } from '../transaction/programs/spl-token.ts';
import type { ApplyInstruction } from './ledger.ts';
import { approve, setAuthority, toggleFrozen } from './token-authority-effects.ts';
import { initializeAccount, initializeMint, syncNative } from './token-initialize-effects.ts';
import { closeTokenAccount, unwrapLamports, withdrawExcessLamports } from './token-lamport-effects.ts';
import { burnTokens, mintTokens } from './token-supply-effects.ts';
import { transferTokens } from './token-transfer-effects.ts';

/** For what reads only, or only takes a right away. */
const noEffect: ApplyInstruction = () => undefined;

export const TOKEN_EFFECTS = {
  initialize_mint: initializeMint,
  initialize_mint2: initializeMint,
  initialize_account: initializeAccount,
  initialize_account2: initializeAccount,
  initialize_account3: initializeAccount,
  initialize_multisig: noEffect,
  initialize_multisig2: noEffect,
  initialize_immutable_owner: noEffect,
  transfer: transferTokens,
  transfer_checked: transferTokens,
  approve,
  approve_checked: approve,
  revoke: noEffect,
  set_authority: setAuthority,
  mint_to: mintTokens,
  mint_to_checked: mintTokens,
  burn: burnTokens,
  burn_checked: burnTokens,
  close_account: closeTokenAccount,
  freeze_account: toggleFrozen,
  thaw_account: toggleFrozen,
  sync_native: syncNative,
  get_account_data_size: noEffect,
  amount_to_ui_amount: noEffect,
  ui_amount_to_amount: noEffect,
  withdraw_excess_lamports: withdrawExcessLamports,
  unwrap_lamports: unwrapLamports,
} satisfies Record<TokenInstructionName, ApplyInstruction>;
