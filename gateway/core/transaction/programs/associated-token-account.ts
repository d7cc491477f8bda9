// Owns the Associated Token Account program's instructions (solana-program/associated-token-account).
import type { DecodedInstruction } from '../decoded-transaction.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';
import { ASSOCIATED_TOKEN_PROGRAM, TOKEN_PROGRAM } from './program-ids.ts';

const NAME = 'associated_token_account';
const CREATE_ROLES = ['payer', 'associated_token_account', 'owner', 'mint', 'system_program', 'token_program'] as const;

const TABLE = {
  create: { opcode: 0, roles: CREATE_ROLES },
  create_idempotent: { opcode: 1, roles: CREATE_ROLES },
  recover_nested: {
    opcode: 2,
    roles: [
      'nested_associated_token_account',
      'nested_mint',
      'destination_associated_token_account',
      'owner_associated_token_account',
      'owner_mint',
      'wallet',
      'token_program',
    ],
  },
} as const satisfies InstructionTable;

export type AssociatedTokenInstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

function decodeAssociatedTokenAccount(raw: RawInstruction): DecodedInstruction {
  // No data at all means create: the program's first version had no opcodes.
  const decoded = decodeByTable(raw, NAME, ROWS, raw.data[0] ?? TABLE.create.opcode, 1);
  if (decoded.kind === 'unknown') return decoded;
  // The new account belongs to whatever program stands here; only SPL Token's rules and size are known.
  const tokenProgram = decoded.accounts.find((account) => account.role === 'token_program')?.address;
  if (tokenProgram !== TOKEN_PROGRAM) return unknown(raw, NAME, `the token program ${tokenProgram} is not known`);
  // A further account is another token program for the nested mint, or a multisig's members.
  if (decoded.name === 'recover_nested' && raw.accounts.length > TABLE.recover_nested.roles.length) {
    return unknown(raw, NAME, 'recover_nested with further accounts is not known');
  }
  return decoded;
}

export const ASSOCIATED_TOKEN_ACCOUNT: NativeProgram = {
  name: NAME,
  addresses: [ASSOCIATED_TOKEN_PROGRAM],
  decode: decodeAssociatedTokenAccount,
  instructions: TABLE,
};
