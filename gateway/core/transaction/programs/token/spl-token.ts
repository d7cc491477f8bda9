// Owns the SPL Token program's instructions, those that p-token added included (solana-program/token, pinocchio).
import type { NativeProgram } from '../instruction-table.ts';
import { TOKEN_PROGRAM } from '../program-ids.ts';
import { tableDecoder } from '../table-program.ts';
import { BATCH, batchDecoder } from './token-batch.ts';
import { TOKEN_INSTRUCTIONS } from './token-instructions.ts';

const NAME = 'spl_token';

/** All but `batch`, which is a list of these. */
export type TokenInstructionName = keyof typeof TOKEN_INSTRUCTIONS;

const decodeSingle = tableDecoder(NAME, 1, TOKEN_INSTRUCTIONS);

export const SPL_TOKEN: NativeProgram = {
  name: NAME,
  addresses: [TOKEN_PROGRAM],
  decode: batchDecoder(NAME, decodeSingle),
  instructions: { ...TOKEN_INSTRUCTIONS, batch: BATCH },
};
