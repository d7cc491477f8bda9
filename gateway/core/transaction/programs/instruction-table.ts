// Owns how a table of a program's instructions turns raw accounts and data into a named instruction.
import type { Address } from '../../address.ts';
import type {
  AccountInRole,
  AccountReference,
  ArgumentValue,
  DecodedInstruction,
  KnownInstruction,
  UnknownInstruction,
} from '../decoded-transaction.ts';
import { openData, type ReadArgument } from './data-reader.ts';

/** An instruction with its accounts resolved and nothing named yet. */
export interface RawInstruction {
  readonly index: number;
  readonly program: Address;
  readonly accounts: readonly AccountReference[];
  readonly data: Uint8Array;
}

export type DecodeProgram = (raw: RawInstruction) => DecodedInstruction;

/** One row of a program's table. */
export interface InstructionLayout {
  readonly opcode: number;
  /** Roles of the accounts without which the program refuses the instruction. */
  readonly roles: readonly string[];
  /** Roles of accounts that may follow. */
  readonly optionalRoles?: readonly string[];
  /** Role of all that follow then, numbered; `extra` when not given. */
  readonly furtherRole?: string;
  readonly arguments?: Readonly<Record<string, ReadArgument>>;
}

export type InstructionTable = Readonly<Record<string, InstructionLayout>>;

interface Row {
  readonly name: string;
  readonly layout: InstructionLayout;
  readonly arguments: readonly (readonly [string, ReadArgument])[];
}

/** Rows by opcode. Throws when two rows claim one. */
export function indexTable(table: InstructionTable): ReadonlyMap<number, Row> {
  const rows = new Map<number, Row>();
  for (const [name, layout] of Object.entries(table)) {
    if (rows.has(layout.opcode)) throw new Error(`opcode ${layout.opcode} stands twice in a table`);
    rows.set(layout.opcode, { name, layout, arguments: Object.entries(layout.arguments ?? {}) });
  }
  return rows;
}

/**
 * Trailing data and further accounts are kept: the runtime executes such instructions. Data that are too short or
 * accounts that are too few make the instruction unknown.
 */
export function decodeByTable(
  raw: RawInstruction,
  programName: string,
  rows: ReadonlyMap<number, Row>,
  opcode: number,
  opcodeBytes: number,
): DecodedInstruction {
  const row = rows.get(opcode);
  if (row === undefined) return unknown(raw, programName, `opcode ${opcode} is not known`);
  const needed = row.layout.roles.length;
  if (raw.accounts.length < needed) {
    return unknown(raw, programName, `${row.name} needs ${needed} accounts, not ${raw.accounts.length}`);
  }
  const values: Record<string, ArgumentValue> = {};
  if (row.arguments.length > 0) {
    const reader = openData(raw.data, opcodeBytes);
    for (const [name, read] of row.arguments) values[name] = read(reader);
    if (reader.failure !== null) return unknown(raw, programName, `${row.name}: ${reader.failure}`);
  }
  return known(raw, programName, row.name, nameAccounts(raw.accounts, row.layout), values);
}

export function known(
  raw: RawInstruction,
  programName: string,
  name: string,
  accounts: readonly AccountInRole[],
  values: Readonly<Record<string, ArgumentValue>>,
): KnownInstruction {
  const { index, program, data } = raw;
  return { kind: 'known', index, program, programName, name, accounts, arguments: values, data };
}

export function unknown(raw: RawInstruction, programName: string | null, reason: string): UnknownInstruction {
  const { index, program, accounts, data } = raw;
  return { kind: 'unknown', index, program, programName, reason, accounts, data };
}

function nameAccounts(accounts: readonly AccountReference[], layout: InstructionLayout): readonly AccountInRole[] {
  const { roles, optionalRoles = [], furtherRole = 'extra' } = layout;
  const named = roles.length + optionalRoles.length;
  return accounts.map(({ address, signer, writable }, i) => ({
    role: roles[i] ?? optionalRoles[i - roles.length] ?? `${furtherRole}_${i - named}`,
    address,
    signer,
    writable,
  }));
}
