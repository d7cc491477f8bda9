// Owns the Token-2022 program's instructions, those of all its extensions included (solana-program/token-2022).
import type { KnownInstruction, UnknownInstruction } from '../../decoded-transaction.ts';
import {
  decodeRow,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  opcodeKey,
  type RawInstruction,
  unknown,
} from '../instruction-table.ts';
import { TOKEN_2022_PROGRAM } from '../program-ids.ts';
import { ACCOUNT_INSTRUCTIONS } from './token-2022-accounts.ts';
import { CONFIDENTIAL_INSTRUCTIONS } from './token-2022-confidential.ts';
import { METADATA_INSTRUCTIONS } from './token-2022-metadata.ts';
import { MINT_SETTING_INSTRUCTIONS } from './token-2022-mint-settings.ts';
import { TRANSFER_FEE_INSTRUCTIONS } from './token-2022-transfer-fee.ts';
import { BATCH, batchDecoder } from './token-batch.ts';

const NAME = 'token_2022';

const TABLE = {
  ...ACCOUNT_INSTRUCTIONS,
  ...MINT_SETTING_INSTRUCTIONS,
  ...TRANSFER_FEE_INSTRUCTIONS,
  ...METADATA_INSTRUCTIONS,
  ...CONFIDENTIAL_INSTRUCTIONS,
} as const satisfies InstructionTable;

/** All but `batch`, which is a list of these. */
export type Token2022InstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

const OPCODES_WITH_SECOND: ReadonlySet<number> = new Set(
  Object.values<InstructionTable[string]>(TABLE)
    .filter(({ subOpcode }) => subOpcode !== undefined)
    .map(({ opcode }) => opcode),
);

function decodeSingle(raw: RawInstruction): KnownInstruction | UnknownInstruction {
  const { data } = raw;
  const [opcode, second] = data;
  if (opcode === undefined) return unknown(raw, NAME, 'data of 0 bytes hold no 1-byte opcode');
  const paired = OPCODES_WITH_SECOND.has(opcode);
  if (paired && second === undefined) return unknown(raw, NAME, `no second opcode behind ${opcode}`);
  const row = ROWS.get(opcodeKey(opcode, paired ? second : undefined));
  if (row === undefined) return unknown(raw, NAME, `opcode ${paired ? `${opcode}, ${second}` : opcode} is not known`);
  const { discriminator } = row.layout;
  if (discriminator?.some((byte, i) => data[i] !== byte)) {
    return unknown(raw, NAME, `opcode ${opcode} is not known, nor are its first eight bytes`);
  }
  const decoded = decodeRow(raw, NAME, row, discriminator?.length ?? (paired ? 2 : 1));
  return decoded.kind === 'known' && decoded.name === 'confidential_transfer_with_fee'
    ? unlessAmbiguous(decoded)
    : decoded;
}

/**
 * Where its mint takes no fees, the program reads two proofs less, so that the authority stands earlier. Nothing that holds a proof
 * signs this instruction, so what signs in such a place could be the authority.
 */
function unlessAmbiguous(instruction: KnownInstruction): KnownInstruction | UnknownInstruction {
  const signing = instruction.accounts.find(({ role, signer }) => signer && role.endsWith('_record'));
  if (signing === undefined) return instruction;
  return unknown(instruction, NAME, `${instruction.name}: the ${signing.role} signs, so it may be the authority`);
}

export const TOKEN_2022: NativeProgram = {
  name: NAME,
  addresses: [TOKEN_2022_PROGRAM],
  decode: batchDecoder(NAME, decodeSingle),
  instructions: { ...TABLE, batch: BATCH },
};
