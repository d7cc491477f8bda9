// Owns programs whose instructions are rows of one table, told apart by an opcode in front of their data.
import { assertNever } from '../../assert-never.ts';
import type { KnownInstruction, UnknownInstruction } from '../decoded-transaction.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';

/** None, where there is but one instruction: its opcode counts as 0. One byte, or a little-endian u32. */
type OpcodeBytes = 0 | 1 | 4;

/** A program about which there is no more to say than its table. */
export function tableProgram(
  program: Pick<NativeProgram, 'name' | 'addresses'> & {
    readonly opcodeBytes: OpcodeBytes;
    readonly instructions: InstructionTable;
  },
): NativeProgram {
  const { name, addresses, opcodeBytes, instructions } = program;
  return { name, addresses, decode: tableDecoder(name, opcodeBytes, instructions), instructions };
}

/** For programs that look closer at what their table has named. */
export function tableDecoder(
  programName: string,
  opcodeBytes: OpcodeBytes,
  table: InstructionTable,
): (raw: RawInstruction) => KnownInstruction | UnknownInstruction {
  const rows = indexTable(table);
  return (raw) => {
    const opcode = readOpcode(raw, opcodeBytes);
    if (opcode !== null) return decodeByTable(raw, programName, rows, opcode, opcodeBytes);
    return unknown(raw, programName, `data of ${raw.data.length} bytes hold no ${opcodeBytes}-byte opcode`);
  };
}

/** `null`: the data are too short. */
export function readOpcode({ data }: RawInstruction, opcodeBytes: OpcodeBytes): number | null {
  if (data.length < opcodeBytes) return null;
  switch (opcodeBytes) {
    case 0:
      return 0;
    case 1:
      return data[0] ?? null;
    case 4:
      return new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    default:
      return assertNever(opcodeBytes);
  }
}
