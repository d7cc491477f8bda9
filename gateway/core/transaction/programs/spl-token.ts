// Owns the SPL Token program's instructions, those that p-token added included (solana-program/token, pinocchio).
import type { DecodedInstruction, KnownInstruction, UnknownInstruction } from '../decoded-transaction.ts';
import { decodeByTable, indexTable, type NativeProgram, type RawInstruction, unknown } from './instruction-table.ts';
import { TOKEN_PROGRAM } from './program-ids.ts';
import { BATCH, decodeBatch } from './token-batch.ts';
import { TOKEN_INSTRUCTIONS } from './token-instructions.ts';

const NAME = 'spl_token';

/** All but `batch`, which is a list of these. */
export type TokenInstructionName = keyof typeof TOKEN_INSTRUCTIONS;

const ROWS = indexTable(TOKEN_INSTRUCTIONS);

function decodeSplToken(raw: RawInstruction): DecodedInstruction {
  return raw.data[0] === BATCH.opcode ? decodeBatch(raw, NAME, decodeSingle) : decodeSingle(raw);
}

function decodeSingle(raw: RawInstruction): KnownInstruction | UnknownInstruction {
  const opcode = raw.data[0];
  if (opcode === undefined) return unknown(raw, NAME, 'no data, so no opcode');
  return decodeByTable(raw, NAME, ROWS, opcode, 1);
}

export const SPL_TOKEN: NativeProgram = {
  name: NAME,
  addresses: [TOKEN_PROGRAM],
  decode: decodeSplToken,
  instructions: { ...TOKEN_INSTRUCTIONS, batch: BATCH },
};
