// Owns the Feature Gate program's one instruction (solana-program/feature-gate).
import type { InstructionTable } from './instruction-table.ts';
import { FEATURE_GATE_PROGRAM } from './program-ids.ts';
import { tableProgram } from './table-program.ts';

const TABLE = {
  revoke_pending_activation: { opcode: 0, roles: ['feature', 'incinerator', 'system_program'] },
} as const satisfies InstructionTable;

export type FeatureGateInstructionName = keyof typeof TABLE;

export const FEATURE_GATE = tableProgram({
  name: 'feature_gate',
  addresses: [FEATURE_GATE_PROGRAM],
  opcodeBytes: 1,
  instructions: TABLE,
});
