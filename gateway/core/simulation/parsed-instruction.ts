// Owns the step from an instruction that a node named back to its accounts and data, so that our own decoders read it.
import type { Address } from '../address.ts';
import { parseAddress } from '../base58.ts';
import { MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4 } from '../transaction/programs/program-ids.ts';
import { isFields, type ParsedFields } from './parsed-data.ts';
import { PARSED_TABLES, type ParsedRow } from './parsed-tables.ts';

export interface RebuiltInstruction {
  readonly accounts: readonly Address[];
  readonly data: Uint8Array;
}

const MEMO_PROGRAMS: ReadonlySet<Address> = new Set([MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4]);
const UTF8 = new TextEncoder();

/**
 * `null` where the form is in no table, or lacks a field. Accounts behind those that an instruction needs, and data behind
 * its arguments, are lost: the node drops them. The signers of a memo are lost too.
 */
export function rebuildInstruction(program: Address, parsed: unknown): RebuiltInstruction | null {
  if (typeof parsed === 'string') {
    return MEMO_PROGRAMS.has(program) ? { accounts: [], data: UTF8.encode(parsed) } : null;
  }
  if (!isFields(parsed) || typeof parsed.type !== 'string' || !isFields(parsed.info)) return null;
  const table = PARSED_TABLES.get(program);
  if (table === undefined || !Object.hasOwn(table, parsed.type)) return null;
  const row = table[parsed.type];
  return row === undefined ? null : rebuild(row, parsed.info);
}

function rebuild(row: ParsedRow, info: ParsedFields): RebuiltInstruction | null {
  const accounts = [...row.accounts.map((names) => accountNamed(info, names.split('|'))), ...authorities(row, info)];
  const fields = (row.data ?? []).map((write) => write(info));
  if (accounts.includes(null) || fields.includes(null)) return null;
  return {
    accounts: accounts.filter((account) => account !== null),
    data: Uint8Array.from([...row.opcode, ...fields.flatMap((field) => field ?? [])]),
  };
}

/** The authority, and behind it all further accounts, which nodes call signers. */
function authorities({ authority }: ParsedRow, info: ParsedFields): readonly (Address | null)[] {
  if (authority === undefined) return [];
  const [single, multisig] = authority;
  if (info[multisig] === undefined) return [accountNamed(info, [single])];
  const { signers } = info;
  if (!Array.isArray(signers)) return [null];
  return [accountNamed(info, [multisig]), ...signers.map(addressOf)];
}

function accountNamed(info: ParsedFields, names: readonly string[]): Address | null {
  const name = names.find((candidate) => info[candidate] !== undefined);
  return name === undefined ? null : addressOf(info[name]);
}

function addressOf(value: unknown): Address | null {
  return typeof value === 'string' ? parseAddress(value) : null;
}
