// Owns the instructions of Token-2022 about the name of a token and about groups: its pointers, and the interfaces of token metadata and
// token group (solana-program/token-metadata, token-group).
import { text } from '../borsh-reader.ts';
import { bool, type DataReader, oneOf, option, u64 } from '../data-reader.ts';
import type { InstructionTable } from '../instruction-table.ts';
import { optionalAddress, when } from './token-2022-readers.ts';
import { MEMBERS } from './token-instructions.ts';

const INTERFACE_BYTES = 8;
const KEY_FIELD = 3;

const updated = (account: string) => ({ roles: [account, 'update_authority'] }) as const;

const POINTERS = {
  initialize_metadata_pointer: {
    opcode: 39,
    subOpcode: 0,
    roles: ['mint'],
    arguments: { authority: optionalAddress, metadata_address: optionalAddress },
  },
  update_metadata_pointer: {
    opcode: 39,
    subOpcode: 1,
    roles: ['mint', 'metadata_pointer_authority'],
    ...MEMBERS,
    arguments: { metadata_address: optionalAddress },
  },
  initialize_group_pointer: {
    opcode: 40,
    subOpcode: 0,
    roles: ['mint'],
    arguments: { authority: optionalAddress, group_address: optionalAddress },
  },
  update_group_pointer: {
    opcode: 40,
    subOpcode: 1,
    roles: ['mint', 'group_pointer_authority'],
    ...MEMBERS,
    arguments: { group_address: optionalAddress },
  },
  initialize_group_member_pointer: {
    opcode: 41,
    subOpcode: 0,
    roles: ['mint'],
    arguments: { authority: optionalAddress, member_address: optionalAddress },
  },
  update_group_member_pointer: {
    opcode: 41,
    subOpcode: 1,
    roles: ['mint', 'group_member_pointer_authority'],
    ...MEMBERS,
    arguments: { member_address: optionalAddress },
  },
} as const satisfies InstructionTable;

const METADATA = {
  initialize_token_metadata: {
    ...startingWith(210, 225, 30, 162, 88, 184, 77, 141),
    roles: ['metadata', 'update_authority', 'mint', 'mint_authority'],
    arguments: { name: text, symbol: text, uri: text },
    texts: ['name', 'symbol', 'uri'],
  },
  update_token_metadata_field: {
    ...startingWith(221, 233, 49, 45, 181, 202, 220, 200),
    ...updated('metadata'),
    arguments: {
      field: oneOf(['name', 'symbol', 'uri', 'key']),
      key: when(isKeyField, text),
      value: text,
    },
    texts: ['key', 'value'],
  },
  remove_token_metadata_key: {
    ...startingWith(234, 18, 32, 56, 89, 141, 37, 181),
    ...updated('metadata'),
    arguments: { idempotent: bool, key: text },
    texts: ['key'],
  },
  update_token_metadata_update_authority: {
    ...startingWith(215, 228, 166, 228, 84, 100, 86, 123),
    ...updated('metadata'),
    arguments: { new_update_authority: optionalAddress },
  },
  emit_token_metadata: {
    ...startingWith(250, 166, 180, 250, 13, 12, 184, 70),
    roles: ['metadata'],
    arguments: { start: option(u64), end: option(u64) },
  },
} as const satisfies InstructionTable;

const GROUPS = {
  initialize_token_group: {
    ...startingWith(121, 113, 108, 39, 54, 51, 0, 4),
    roles: ['group', 'mint', 'mint_authority'],
    arguments: { update_authority: optionalAddress, max_size: u64 },
  },
  update_token_group_max_size: {
    ...startingWith(108, 37, 171, 143, 248, 30, 18, 110),
    ...updated('group'),
    arguments: { max_size: u64 },
  },
  update_token_group_update_authority: {
    ...startingWith(161, 105, 88, 1, 237, 221, 216, 203),
    ...updated('group'),
    arguments: { new_update_authority: optionalAddress },
  },
  initialize_token_group_member: {
    ...startingWith(152, 32, 222, 176, 223, 237, 116, 134),
    roles: ['member', 'member_mint', 'member_mint_authority', 'group', 'group_update_authority'],
  },
} as const satisfies InstructionTable;

export const METADATA_INSTRUCTIONS = { ...POINTERS, ...METADATA, ...GROUPS } as const;

/** First eight bytes of the SHA-256 of an instruction's name in its interface. */
function startingWith(opcode: number, ...rest: readonly number[]) {
  return { opcode, discriminator: [opcode, ...rest] } as const;
}

function isKeyField({ data }: DataReader): boolean {
  return data[INTERFACE_BYTES] === KEY_FIELD;
}
