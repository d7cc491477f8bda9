// Owns the instructions of Token-2022 with hidden amounts: confidential transfers, their fees, confidential mint and burn.
import { signed, u8, u64 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { MEMBERS_OR_HOOK } from './token-2022-accounts.ts';
import {
  decryptableBalance,
  elGamalPubkey,
  encryptedBalance,
  flag,
  optionalAddress,
  optionalElGamalPubkey,
} from './token-2022-readers.ts';
import { CHECKED, MEMBERS } from './token-instructions.ts';

const TRANSFER = 27;
const TRANSFER_FEE = 37;
const MINT_BURN = 42;
const PERMISSIONED_BURN = 46;

/** How far away the instruction is that proves it; 0: the proof stands in an account. */
const offset = signed(1);

const OWNED = { roles: ['token', 'authority'], ...MEMBERS } as const;
const MINT_AUTHORITY = { roles: ['mint', 'authority'], ...MEMBERS } as const;

const EQUALITY = { equality_record: 'equality_proof_instruction_offset' } as const;
const RANGE = { range_record: 'range_proof_instruction_offset' } as const;
const THREE_PROOFS = {
  ...EQUALITY,
  ciphertext_validity_record: 'ciphertext_validity_proof_instruction_offset',
  ...RANGE,
} as const;
const THREE_OFFSETS = {
  equality_proof_instruction_offset: offset,
  ciphertext_validity_proof_instruction_offset: offset,
  range_proof_instruction_offset: offset,
} as const;
const THREE_RECORDS = ['instructions_sysvar', 'equality_record', 'ciphertext_validity_record', 'range_record'] as const;

const AMOUNT_FOR_AUDITOR = {
  transfer_amount_auditor_ciphertext_lo: encryptedBalance,
  transfer_amount_auditor_ciphertext_hi: encryptedBalance,
} as const;
const BURN = {
  new_decryptable_available_balance: decryptableBalance,
  burn_amount_auditor_ciphertext_lo: encryptedBalance,
  burn_amount_auditor_ciphertext_hi: encryptedBalance,
  ...THREE_OFFSETS,
} as const;

const TRANSFERS = {
  initialize_confidential_transfer_mint: {
    opcode: TRANSFER,
    subOpcode: 0,
    roles: ['mint'],
    arguments: {
      authority: optionalAddress,
      auto_approve_new_accounts: flag,
      auditor_elgamal_pubkey: optionalElGamalPubkey,
    },
  },
  update_confidential_transfer_mint: {
    opcode: TRANSFER,
    subOpcode: 1,
    roles: ['mint', 'authority'],
    arguments: { auto_approve_new_accounts: flag, auditor_elgamal_pubkey: optionalElGamalPubkey },
  },
  configure_confidential_transfer_account: {
    opcode: TRANSFER,
    subOpcode: 2,
    roles: ['token', 'mint', 'instructions_sysvar_or_context_state', 'authority'],
    ...MEMBERS,
    arguments: {
      decryptable_zero_balance: decryptableBalance,
      maximum_pending_balance_credit_counter: u64,
      proof_instruction_offset: offset,
    },
  },
  approve_confidential_transfer_account: {
    opcode: TRANSFER,
    subOpcode: 3,
    roles: ['token', 'mint', 'authority'],
  },
  empty_confidential_transfer_account: {
    opcode: TRANSFER,
    subOpcode: 4,
    roles: ['token', 'instructions_sysvar_or_context_state', 'authority'],
    ...MEMBERS,
    arguments: { proof_instruction_offset: offset },
  },
  confidential_deposit: {
    opcode: TRANSFER,
    subOpcode: 5,
    roles: ['token', 'mint', 'authority'],
    ...MEMBERS,
    arguments: CHECKED,
  },
  confidential_withdraw: {
    opcode: TRANSFER,
    subOpcode: 6,
    roles: ['token', 'mint', 'instructions_sysvar', 'equality_record', 'range_record', 'authority'],
    proofs: { ...EQUALITY, ...RANGE },
    ...MEMBERS,
    arguments: {
      ...CHECKED,
      new_decryptable_available_balance: decryptableBalance,
      equality_proof_instruction_offset: offset,
      range_proof_instruction_offset: offset,
    },
  },
  confidential_transfer: {
    opcode: TRANSFER,
    subOpcode: 7,
    roles: ['source_token', 'mint', 'destination_token', ...THREE_RECORDS, 'authority'],
    proofs: THREE_PROOFS,
    ...MEMBERS_OR_HOOK,
    arguments: {
      new_source_decryptable_available_balance: decryptableBalance,
      ...AMOUNT_FOR_AUDITOR,
      ...THREE_OFFSETS,
    },
  },
  apply_confidential_pending_balance: {
    opcode: TRANSFER,
    subOpcode: 8,
    ...OWNED,
    arguments: {
      expected_pending_balance_credit_counter: u64,
      new_decryptable_available_balance: decryptableBalance,
    },
  },
  enable_confidential_credits: { opcode: TRANSFER, subOpcode: 9, ...OWNED },
  disable_confidential_credits: { opcode: TRANSFER, subOpcode: 10, ...OWNED },
  enable_non_confidential_credits: { opcode: TRANSFER, subOpcode: 11, ...OWNED },
  disable_non_confidential_credits: { opcode: TRANSFER, subOpcode: 12, ...OWNED },
  confidential_transfer_with_fee: {
    opcode: TRANSFER,
    subOpcode: 13,
    roles: [
      'source_token',
      'mint',
      'destination_token',
      'instructions_sysvar',
      'equality_record',
      'transfer_amount_ciphertext_validity_record',
      'fee_sigma_record',
      'fee_ciphertext_validity_record',
      'range_record',
      'authority',
    ],
    proofs: {
      ...EQUALITY,
      transfer_amount_ciphertext_validity_record: 'transfer_amount_ciphertext_validity_proof_instruction_offset',
      fee_sigma_record: 'fee_sigma_proof_instruction_offset',
      fee_ciphertext_validity_record: 'fee_ciphertext_validity_proof_instruction_offset',
      ...RANGE,
    },
    ...MEMBERS_OR_HOOK,
    arguments: {
      new_source_decryptable_available_balance: decryptableBalance,
      ...AMOUNT_FOR_AUDITOR,
      equality_proof_instruction_offset: offset,
      transfer_amount_ciphertext_validity_proof_instruction_offset: offset,
      fee_sigma_proof_instruction_offset: offset,
      fee_ciphertext_validity_proof_instruction_offset: offset,
      range_proof_instruction_offset: offset,
    },
  },
  /** No authority signs: the registry's owner, who is the account's, agreed there. */
  configure_confidential_transfer_account_with_registry: {
    opcode: TRANSFER,
    subOpcode: 14,
    roles: ['token', 'mint', 'elgamal_registry'],
    optionalRoles: ['payer', 'system_program'],
  },
} as const satisfies InstructionTable;

const WITHHELD_PROOF = {
  proof_instruction_offset: offset,
  new_decryptable_available_balance: decryptableBalance,
} as const;
const WITHDRAW_WITHHELD = {
  opcode: TRANSFER_FEE,
  roles: ['mint', 'destination', 'instructions_sysvar_or_context_state', 'authority'],
  ...MEMBERS,
} as const;

const TRANSFER_FEES = {
  initialize_confidential_transfer_fee: {
    opcode: TRANSFER_FEE,
    subOpcode: 0,
    roles: ['mint'],
    arguments: { authority: optionalAddress, withdraw_withheld_authority_el_gamal_pubkey: elGamalPubkey },
  },
  withdraw_withheld_tokens_from_mint_for_confidential_transfer_fee: {
    ...WITHDRAW_WITHHELD,
    subOpcode: 1,
    arguments: WITHHELD_PROOF,
  },
  withdraw_withheld_tokens_from_accounts_for_confidential_transfer_fee: {
    ...WITHDRAW_WITHHELD,
    subOpcode: 2,
    lastRole: { role: 'source', count: 'num_token_accounts' },
    arguments: { num_token_accounts: u8, ...WITHHELD_PROOF },
  },
  harvest_withheld_tokens_to_mint_for_confidential_transfer_fee: {
    opcode: TRANSFER_FEE,
    subOpcode: 3,
    roles: ['mint'],
    furtherRole: 'source',
  },
  enable_harvest_to_mint: { opcode: TRANSFER_FEE, subOpcode: 4, ...MINT_AUTHORITY },
  disable_harvest_to_mint: { opcode: TRANSFER_FEE, subOpcode: 5, ...MINT_AUTHORITY },
} as const satisfies InstructionTable;

const MINT_AND_BURN = {
  initialize_confidential_mint_burn: {
    opcode: MINT_BURN,
    subOpcode: 0,
    roles: ['mint'],
    arguments: { supply_elgamal_pubkey: elGamalPubkey, decryptable_supply: decryptableBalance },
  },
  rotate_supply_elgamal_pubkey: {
    opcode: MINT_BURN,
    subOpcode: 1,
    roles: ['mint', 'instructions_sysvar_or_context_state', 'authority'],
    ...MEMBERS,
    arguments: { new_supply_elgamal_pubkey: elGamalPubkey, proof_instruction_offset: offset },
  },
  update_confidential_mint_burn_decryptable_supply: {
    opcode: MINT_BURN,
    subOpcode: 2,
    ...MINT_AUTHORITY,
    arguments: { new_decryptable_supply: decryptableBalance },
  },
  confidential_mint: {
    opcode: MINT_BURN,
    subOpcode: 3,
    roles: ['token', 'mint', ...THREE_RECORDS, 'authority'],
    proofs: THREE_PROOFS,
    ...MEMBERS,
    arguments: {
      new_decryptable_supply: decryptableBalance,
      mint_amount_auditor_ciphertext_lo: encryptedBalance,
      mint_amount_auditor_ciphertext_hi: encryptedBalance,
      ...THREE_OFFSETS,
    },
  },
  confidential_burn: {
    opcode: MINT_BURN,
    subOpcode: 4,
    roles: ['token', 'mint', ...THREE_RECORDS, 'authority'],
    proofs: THREE_PROOFS,
    ...MEMBERS,
    arguments: BURN,
  },
  apply_confidential_pending_burn: { opcode: MINT_BURN, subOpcode: 5, ...MINT_AUTHORITY },
  permissioned_confidential_burn: {
    opcode: PERMISSIONED_BURN,
    subOpcode: 3,
    roles: ['token', 'mint', ...THREE_RECORDS, 'permissioned_burn_authority', 'authority'],
    proofs: THREE_PROOFS,
    ...MEMBERS,
    arguments: BURN,
  },
} as const satisfies InstructionTable;

export const CONFIDENTIAL_INSTRUCTIONS = { ...TRANSFERS, ...TRANSFER_FEES, ...MINT_AND_BURN } as const;
