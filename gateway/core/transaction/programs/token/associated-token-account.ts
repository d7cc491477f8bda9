// Owns the Associated Token Account program's instructions (solana-program/associated-token-account).
import type { Address } from '../../../address.ts';
import type { DecodedInstruction } from '../../decoded-transaction.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from '../instruction-table.ts';
import { ASSOCIATED_TOKEN_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../program-ids.ts';

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
    // Older versions take `token_program` for both mints, and no multisig.
    optionalRoles: ['nested_token_program'],
    furtherRole: 'multisig_signer',
  },
} as const satisfies InstructionTable;

export type AssociatedTokenInstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);
const TOKEN_PROGRAM_ROLES: ReadonlySet<string> = new Set(['token_program', 'nested_token_program']);

function decodeAssociatedTokenAccount(raw: RawInstruction): DecodedInstruction {
  // No data at all means create: the program's first version had no opcodes.
  const decoded = decodeByTable(raw, NAME, ROWS, raw.data[0] ?? TABLE.create.opcode, 1);
  if (decoded.kind === 'unknown') return decoded;
  // The new account belongs to whatever program stands here; only of these two are rules and sizes known.
  const unknownProgram = decoded.accounts.find(
    ({ role, address }) => TOKEN_PROGRAM_ROLES.has(role) && !isTokenProgram(address),
  );
  if (unknownProgram !== undefined)
    return unknown(raw, NAME, `the ${unknownProgram.role} ${unknownProgram.address} is not known`);
  return decoded;
}

function isTokenProgram(address: Address): boolean {
  return address === TOKEN_PROGRAM || address === TOKEN_2022_PROGRAM;
}

export const ASSOCIATED_TOKEN_ACCOUNT: NativeProgram = {
  name: NAME,
  addresses: [ASSOCIATED_TOKEN_PROGRAM],
  decode: decodeAssociatedTokenAccount,
  instructions: TABLE,
};
