// Owns the Config program's one instruction (solana-config-interface): it has no opcode and starts with the keys of the config.
import type { ArgumentValue } from '../decoded-transaction.ts';
import { elements, struct } from './composed-reader.ts';
import { address, bool, type DataReader, u8 } from './data-reader.ts';
import type { InstructionTable } from './instruction-table.ts';
import { CONFIG_PROGRAM } from './program-ids.ts';
import { tableProgram } from './table-program.ts';

const KEY_BYTES = 33;
/** The program refuses more, so that the count of a list fits one byte. */
const MOST_KEYS = 37n;

const KEY = struct({ address, signer: bool });

function keys(reader: DataReader): readonly ArgumentValue[] {
  const count = u8(reader);
  if (count > MOST_KEYS) reader.failure ??= `a config has at most ${MOST_KEYS} keys, not ${count}`;
  return elements(reader, count, KEY, KEY_BYTES);
}

/** What is stored behind the keys is free to the config's owners, and not listed. */
const TABLE = {
  store: { opcode: 0, roles: ['config_account'], furtherRole: 'signer', arguments: { keys } },
} as const satisfies InstructionTable;

export type ConfigInstructionName = keyof typeof TABLE;

export const CONFIG = tableProgram({
  name: 'config',
  addresses: [CONFIG_PROGRAM],
  opcodeBytes: 0,
  instructions: TABLE,
});
