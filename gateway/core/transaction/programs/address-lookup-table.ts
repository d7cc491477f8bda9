// Owns the Address Lookup Table program's instructions (kit client @solana-program/address-lookup-table).
import type { DecodedInstruction } from '../decoded-transaction.ts';
import { list } from './bincode-reader.ts';
import { address, u8, u64 } from './data-reader.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from './program-ids.ts';

const NAME = 'address_lookup_table';
const ADDRESS_BYTES = 32;

/** The authority must sign for all but the creation. */
const TABLE = {
  create_lookup_table: {
    opcode: 0,
    roles: ['lookup_table', 'authority', 'payer'],
    optionalRoles: ['system_program'],
    arguments: { recent_slot: u64, bump: u8 },
  },
  freeze_lookup_table: { opcode: 1, roles: ['lookup_table', 'authority'] },
  // Who pays is needed only where the table has too few lamports for its new size.
  extend_lookup_table: {
    opcode: 2,
    roles: ['lookup_table', 'authority'],
    optionalRoles: ['payer', 'system_program'],
    arguments: { addresses: list(address, ADDRESS_BYTES) },
  },
  deactivate_lookup_table: { opcode: 3, roles: ['lookup_table', 'authority'] },
  close_lookup_table: { opcode: 4, roles: ['lookup_table', 'authority', 'recipient'] },
} as const satisfies InstructionTable;

export type LookupTableInstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

function decodeLookupTable(raw: RawInstruction): DecodedInstruction {
  const { data } = raw;
  if (data.length < 4) return unknown(raw, NAME, `data of ${data.length} bytes hold no 4-byte opcode`);
  const opcode = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  return decodeByTable(raw, NAME, ROWS, opcode, 4);
}

export const ADDRESS_LOOKUP_TABLE: NativeProgram = {
  name: NAME,
  addresses: [ADDRESS_LOOKUP_TABLE_PROGRAM],
  decode: decodeLookupTable,
  instructions: TABLE,
};
