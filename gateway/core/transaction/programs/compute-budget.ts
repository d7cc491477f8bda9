// Owns the Compute Budget program's instructions (solana-compute-budget-interface).
import { u32, u64 } from './data-reader.ts';
import type { InstructionTable } from './instruction-table.ts';
import { COMPUTE_BUDGET_PROGRAM } from './program-ids.ts';
import { tableProgram } from './table-program.ts';

/** Opcode 0 (request_units) was removed; the runtime refuses it. */
const TABLE = {
  request_heap_frame: { opcode: 1, roles: [], arguments: { bytes: u32 } },
  set_compute_unit_limit: { opcode: 2, roles: [], arguments: { units: u32 } },
  /** Millionths of a lamport a compute unit. */
  set_compute_unit_price: { opcode: 3, roles: [], arguments: { micro_lamports: u64 } },
  set_loaded_accounts_data_size_limit: { opcode: 4, roles: [], arguments: { bytes: u32 } },
} as const satisfies InstructionTable;

export const COMPUTE_BUDGET = tableProgram({
  name: 'compute_budget',
  addresses: [COMPUTE_BUDGET_PROGRAM],
  opcodeBytes: 1,
  instructions: TABLE,
});
