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

/** A program whose every instruction is read by a decoder of our own. */
export interface NativeProgram {
  /** Snake case: the `programName` of its instructions. */
  readonly name: string;
  /** All addresses at which it is deployed. */
  readonly addresses: readonly Address[];
  readonly decode: DecodeProgram;
  /** What docs/decoding.md lists, and what the effects have a row for each of. */
  readonly instructions: InstructionTable;
}

/** One row of a program's table. */
export interface InstructionLayout {
  readonly opcode: number;
  /** Of a program whose instructions have a second opcode: that one. */
  readonly subOpcode?: number;
  /** Roles of the accounts without which the program refuses the instruction. */
  readonly roles: readonly string[];
  /** Roles of accounts that may follow. */
  readonly optionalRoles?: readonly string[];
  /** Role of all that follow then, numbered; `extra` when not given. */
  readonly furtherRole?: string;
  readonly arguments?: Readonly<Record<string, ReadArgument>>;
  /** Names of those arguments that are free text. */
  readonly texts?: readonly string[];
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
): KnownInstruction | UnknownInstruction {
  const row = rows.get(opcode);
  if (row === undefined) return unknown(raw, programName, `opcode ${opcode} is not known`);
  const needed = row.layout.roles.length;
  if (raw.accounts.length < needed) {
    return unknown(raw, programName, `${row.name} needs ${needed} accounts, not ${raw.accounts.length}`);
  }
  const values: Record<string, ArgumentValue> = {};
  const texts: Record<string, string> = {};
  if (row.arguments.length > 0) {
    const reader = openData(raw.data, opcodeBytes);
    for (const [name, read] of row.arguments) {
      const value = read(reader);
      if (row.layout.texts?.includes(name) && typeof value === 'string') texts[name] = value;
      else values[name] = value;
    }
    if (reader.failure !== null) return unknown(raw, programName, `${row.name}: ${reader.failure}`);
  }
  const accounts = nameAccounts(raw.accounts, row.layout);
  return known(raw, programName, row.name, { accounts, arguments: values, texts });
}

/** What a decoder found out besides the name. */
export interface InstructionContent {
  readonly accounts: readonly AccountInRole[];
  readonly arguments?: Readonly<Record<string, ArgumentValue>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly parts?: readonly KnownInstruction[];
}

const NOTHING = {};

export function known(
  raw: RawInstruction,
  programName: string,
  name: string,
  content: InstructionContent,
): KnownInstruction {
  const { index, program, data } = raw;
  const { accounts, arguments: values = NOTHING, texts = NOTHING, parts = [] } = content;
  return { kind: 'known', index, program, programName, name, accounts, arguments: values, texts, parts, data };
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
