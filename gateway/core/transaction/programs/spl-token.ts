// Owns the SPL Token program's instructions, those that p-token added included (solana-program/token, pinocchio).
import type {
  AccountInRole,
  DecodedInstruction,
  KnownInstruction,
  UnknownInstruction,
} from '../decoded-transaction.ts';
import { address, oneOf, option, remainingText, u8, u64 } from './data-reader.ts';
import {
  decodeByTable,
  type InstructionTable,
  indexTable,
  known,
  type NativeProgram,
  type RawInstruction,
  unknown,
} from './instruction-table.ts';
import { TOKEN_PROGRAM } from './program-ids.ts';

const NAME = 'spl_token';
const BATCH = 255;

/** Every authority may be a multisig, whose members then follow. */
const MEMBERS = { furtherRole: 'multisig_signer' } as const;
const AMOUNT = { amount: u64 } as const;
const CHECKED = { amount: u64, decimals: u8 } as const;
const MINT = { decimals: u8, mint_authority: address, freeze_authority: option(address) } as const;
const AUTHORITY_TYPES = ['mint_tokens', 'freeze_account', 'account_owner', 'close_account'];

const TABLE = {
  initialize_mint: { opcode: 0, roles: ['mint', 'rent_sysvar'], arguments: MINT },
  initialize_account: { opcode: 1, roles: ['account', 'mint', 'owner', 'rent_sysvar'] },
  initialize_multisig: {
    opcode: 2,
    roles: ['multisig', 'rent_sysvar'],
    furtherRole: 'member',
    arguments: { required_signers: u8 },
  },
  transfer: { opcode: 3, roles: ['source', 'destination', 'authority'], ...MEMBERS, arguments: AMOUNT },
  approve: { opcode: 4, roles: ['source', 'delegate', 'owner'], ...MEMBERS, arguments: AMOUNT },
  revoke: { opcode: 5, roles: ['source', 'owner'], ...MEMBERS },
  set_authority: {
    opcode: 6,
    roles: ['account', 'authority'],
    ...MEMBERS,
    arguments: { authority_type: oneOf(AUTHORITY_TYPES), new_authority: option(address) },
  },
  mint_to: { opcode: 7, roles: ['mint', 'account', 'authority'], ...MEMBERS, arguments: AMOUNT },
  burn: { opcode: 8, roles: ['account', 'mint', 'authority'], ...MEMBERS, arguments: AMOUNT },
  close_account: { opcode: 9, roles: ['account', 'destination', 'owner'], ...MEMBERS },
  freeze_account: { opcode: 10, roles: ['account', 'mint', 'authority'], ...MEMBERS },
  thaw_account: { opcode: 11, roles: ['account', 'mint', 'authority'], ...MEMBERS },
  transfer_checked: {
    opcode: 12,
    roles: ['source', 'mint', 'destination', 'authority'],
    ...MEMBERS,
    arguments: CHECKED,
  },
  approve_checked: { opcode: 13, roles: ['source', 'mint', 'delegate', 'owner'], ...MEMBERS, arguments: CHECKED },
  mint_to_checked: { opcode: 14, roles: ['mint', 'account', 'authority'], ...MEMBERS, arguments: CHECKED },
  burn_checked: { opcode: 15, roles: ['account', 'mint', 'authority'], ...MEMBERS, arguments: CHECKED },
  initialize_account2: { opcode: 16, roles: ['account', 'mint', 'rent_sysvar'], arguments: { owner: address } },
  sync_native: { opcode: 17, roles: ['account'], optionalRoles: ['rent_sysvar'] },
  initialize_account3: { opcode: 18, roles: ['account', 'mint'], arguments: { owner: address } },
  initialize_multisig2: {
    opcode: 19,
    roles: ['multisig'],
    furtherRole: 'member',
    arguments: { required_signers: u8 },
  },
  initialize_mint2: { opcode: 20, roles: ['mint'], arguments: MINT },
  get_account_data_size: { opcode: 21, roles: ['mint'] },
  initialize_immutable_owner: { opcode: 22, roles: ['account'] },
  amount_to_ui_amount: { opcode: 23, roles: ['mint'], arguments: AMOUNT },
  ui_amount_to_amount: { opcode: 24, roles: ['mint'], arguments: { ui_amount: remainingText }, texts: ['ui_amount'] },
  withdraw_excess_lamports: { opcode: 38, roles: ['source', 'destination', 'authority'], ...MEMBERS },
  unwrap_lamports: {
    opcode: 45,
    roles: ['source', 'destination', 'authority'],
    ...MEMBERS,
    arguments: { amount: option(u64) },
  },
} as const satisfies InstructionTable;

/** All but `batch`, which is a list of these. */
export type TokenInstructionName = keyof typeof TABLE;

const ROWS = indexTable(TABLE);

function decodeSplToken(raw: RawInstruction): DecodedInstruction {
  return raw.data[0] === BATCH ? decodeBatch(raw) : decodeSingle(raw);
}

function decodeSingle(raw: RawInstruction): KnownInstruction | UnknownInstruction {
  const opcode = raw.data[0];
  if (opcode === undefined) return unknown(raw, NAME, 'no data, so no opcode');
  return decodeByTable(raw, NAME, ROWS, opcode, 1);
}

/** Known only when every part is; roles carry the number of their part. */
function decodeBatch(raw: RawInstruction): DecodedInstruction {
  const parts = splitBatch(raw);
  if (typeof parts === 'string') return unknown(raw, NAME, `batch: ${parts}`);
  const accounts: AccountInRole[] = [];
  parts.forEach((part, i) => {
    for (const account of part.accounts) accounts.push({ ...account, role: `part_${i}_${account.role}` });
  });
  const used = accounts.length;
  for (const { address: key, signer, writable } of raw.accounts.slice(used)) {
    accounts.push({ role: `extra_${accounts.length - used}`, address: key, signer, writable });
  }
  return known(raw, NAME, 'batch', { accounts, parts });
}

/** Each part is (account count u8, data length u8, data), its accounts taken in order; a batch holds no batch. */
function splitBatch(raw: RawInstruction): readonly KnownInstruction[] | string {
  const parts: KnownInstruction[] = [];
  let accountsFrom = 0;
  let at = 1;
  do {
    const accountCount = raw.data[at] ?? 0;
    const length = raw.data[at + 1] ?? 0;
    const start = at + 2;
    if (length === 0 || start + length > raw.data.length) return `part ${parts.length} is cut short`;
    const accounts = raw.accounts.slice(accountsFrom, accountsFrom + accountCount);
    if (accounts.length < accountCount) return `part ${parts.length} wants accounts that are not there`;
    const part = decodeSingle({ ...rawPart(raw), accounts, data: raw.data.subarray(start, start + length) });
    if (part.kind === 'unknown') return `part ${parts.length}: ${part.reason}`;
    parts.push(part);
    accountsFrom += accountCount;
    at = start + length;
  } while (at < raw.data.length);
  return parts;
}

function rawPart(raw: RawInstruction): Pick<RawInstruction, 'index' | 'program'> {
  return { index: raw.index, program: raw.program };
}

export const SPL_TOKEN: NativeProgram = {
  name: NAME,
  addresses: [TOKEN_PROGRAM],
  decode: decodeSplToken,
  instructions: { ...TABLE, batch: { opcode: BATCH, roles: [], furtherRole: 'part' } },
};
