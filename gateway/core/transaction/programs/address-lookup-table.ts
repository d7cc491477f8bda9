// Owns the Address Lookup Table program's instructions (kit client @solana-program/address-lookup-table).
import { list } from './bincode-reader.ts';
import { address, u8, u64 } from './data-reader.ts';
import type { InstructionTable } from './instruction-table.ts';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from './program-ids.ts';
import { tableProgram } from './table-program.ts';

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

export const ADDRESS_LOOKUP_TABLE = tableProgram({
  name: 'address_lookup_table',
  addresses: [ADDRESS_LOOKUP_TABLE_PROGRAM],
  opcodeBytes: 4,
  instructions: TABLE,
});
