// Owns the Compute Budget program's instructions (solana-compute-budget-interface).
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { u32, u64 } from './data-reader.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';
import { COMPUTE_BUDGET_PROGRAM } from './program-ids.ts';

const NAME = 'compute_budget';

/** Opcode 0 (request_units) was removed; the runtime refuses it. */
const TABLE = {
  request_heap_frame: { opcode: 1, roles: [], arguments: { bytes: u32 } },
  set_compute_unit_limit: { opcode: 2, roles: [], arguments: { units: u32 } },
  /** Millionths of a lamport a compute unit. */
  set_compute_unit_price: { opcode: 3, roles: [], arguments: { micro_lamports: u64 } },
  set_loaded_accounts_data_size_limit: { opcode: 4, roles: [], arguments: { bytes: u32 } },
} as const satisfies InstructionTable;

const ROWS = indexTable(TABLE);

function decodeComputeBudget(raw: RawInstruction): DecodedInstruction {
  const opcode = raw.data[0];
  if (opcode === undefined) return unknown(raw, NAME, 'no data, so no opcode');
  return decodeByTable(raw, NAME, ROWS, opcode, 1);
}

export const COMPUTE_BUDGET: NativeProgram = {
  name: NAME,
  addresses: [COMPUTE_BUDGET_PROGRAM],
  decode: decodeComputeBudget,
  instructions: TABLE,
};
