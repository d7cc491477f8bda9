// Owns the Feature Gate program's one instruction (solana-program/feature-gate).
import type { DecodedInstruction } from '../decoded-transaction.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';
import { FEATURE_GATE_PROGRAM } from './program-ids.ts';

const NAME = 'feature_gate';

const TABLE = {
  revoke_pending_activation: { opcode: 0, roles: ['feature', 'incinerator', 'system_program'] },
} as const satisfies InstructionTable;

export type FeatureGateInstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

function decodeFeatureGate(raw: RawInstruction): DecodedInstruction {
  const opcode = raw.data[0];
  if (opcode === undefined) return unknown(raw, NAME, 'no data, so no opcode');
  return decodeByTable(raw, NAME, ROWS, opcode, 1);
}

export const FEATURE_GATE: NativeProgram = {
  name: NAME,
  addresses: [FEATURE_GATE_PROGRAM],
  decode: decodeFeatureGate,
  instructions: TABLE,
};
