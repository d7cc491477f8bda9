// Owns the Config program's one instruction (solana-config-interface): it has no opcode and starts with the keys of the config.
import type { ArgumentValue, DecodedInstruction } from '../decoded-transaction.ts';
import { bool, elements, struct } from './bincode-reader.ts';
import { address, type DataReader, u8 } from './data-reader.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  type NativeProgram,
  type RawInstruction,
} from './instruction-table.ts';
import { CONFIG_PROGRAM } from './program-ids.ts';

const NAME = 'config';
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

const ROWS = indexTable(TABLE);

function decodeConfig(raw: RawInstruction): DecodedInstruction {
  return decodeByTable(raw, NAME, ROWS, TABLE.store.opcode, 0);
}

export const CONFIG: NativeProgram = {
  name: NAME,
  addresses: [CONFIG_PROGRAM],
  decode: decodeConfig,
  instructions: TABLE,
};
