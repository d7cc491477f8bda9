// Owns which program is decoded by which table; every other program is unknown.
import type { Address } from '../../address.ts';
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { decodeAssociatedTokenAccount } from './associated-token-account.ts';
import { decodeComputeBudget } from './compute-budget.ts';
import { type DecodeProgram, type RawInstruction, unknown } from './instruction-table.ts';
import { decodeMemo } from './memo.ts';
import {
  ASSOCIATED_TOKEN_PROGRAM,
  COMPUTE_BUDGET_PROGRAM,
  MEMO_PROGRAM_V1,
  MEMO_PROGRAM_V2,
  MEMO_PROGRAM_V4,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from './program-ids.ts';
import { decodeSplToken } from './spl-token.ts';
import { decodeSystem } from './system.ts';

const PROGRAMS: ReadonlyMap<Address, DecodeProgram> = new Map([
  [SYSTEM_PROGRAM, decodeSystem],
  [TOKEN_PROGRAM, decodeSplToken],
  [ASSOCIATED_TOKEN_PROGRAM, decodeAssociatedTokenAccount],
  [COMPUTE_BUDGET_PROGRAM, decodeComputeBudget],
  [MEMO_PROGRAM_V1, decodeMemo],
  [MEMO_PROGRAM_V2, decodeMemo],
  [MEMO_PROGRAM_V4, decodeMemo],
]);

/** Never throws: what cannot be read is unknown, with the reason. */
export function decodeInstruction(raw: RawInstruction): DecodedInstruction {
  const decode = PROGRAMS.get(raw.program);
  return decode === undefined ? unknown(raw, null, `the program ${raw.program} is not known`) : decode(raw);
}
