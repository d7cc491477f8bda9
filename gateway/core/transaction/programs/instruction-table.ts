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
  /** Of an interface whose instructions start with eight bytes: those; the opcode is the first of them. */
  readonly discriminator?: readonly number[];
  /** Roles of the accounts without which the program refuses the instruction. */
  readonly roles: readonly string[];
  /** Roles of accounts that may follow. */
  readonly optionalRoles?: readonly string[];
  /**
   * Of an instruction that zero-knowledge proofs belong to: roles among `roles` of accounts that hold a proof, each there only when the
   * argument named here is 0. Any other number says which instruction proves it; `instructions_sysvar` is there for those.
   */
  readonly proofs?: Readonly<Record<string, string>>;
  /** Role of all that follow then, numbered; `extra` when not given. */
  readonly furtherRole?: string;
  /** Role of the last of those that follow, numbered, and the argument that says how many they are at most. */
  readonly lastRole?: { readonly role: string; readonly count: string };
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

/** Rows by opcode, or by `opcodeKey`. Throws when two rows claim one. */
export function indexTable(table: InstructionTable): ReadonlyMap<number, Row> {
  const rows = new Map<number, Row>();
  for (const [name, layout] of Object.entries(table)) {
    const key = opcodeKey(layout.opcode, layout.subOpcode);
    if (rows.has(key)) throw new Error(`opcode ${layout.opcode} stands twice in a table`);
    rows.set(key, { name, layout, arguments: Object.entries(layout.arguments ?? {}) });
  }
  return rows;
}

/** One number for a byte and the byte behind it. No opcode of one byte has such a number. */
export function opcodeKey(opcode: number, subOpcode: number | undefined): number {
  return subOpcode === undefined ? opcode : 0x100 * (opcode + 1) + subOpcode;
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
  return decodeRow(raw, programName, row, opcodeBytes);
}

export function decodeRow(
  raw: RawInstruction,
  programName: string,
  row: Row,
  opcodeBytes: number,
): KnownInstruction | UnknownInstruction {
  const { name, layout } = row;
  const values: Record<string, ArgumentValue> = {};
  const texts: Record<string, string> = {};
  if (row.arguments.length > 0) {
    const reader = openData(raw.data, opcodeBytes);
    for (const [argument, read] of row.arguments) {
      const value = read(reader);
      if (layout.texts?.includes(argument) && typeof value === 'string') texts[argument] = value;
      else values[argument] = value;
    }
    if (reader.failure !== null) return unknown(raw, programName, `${name}: ${reader.failure}`);
  }
  const roles = layout.proofs === undefined ? layout.roles : rolesBesideProofs(layout.roles, layout.proofs, values);
  if (raw.accounts.length < roles.length) {
    return unknown(raw, programName, `${name} needs ${roles.length} accounts, not ${raw.accounts.length}`);
  }
  const accounts = nameAccounts(raw.accounts, roles, layout, values);
  return known(raw, programName, name, { accounts, arguments: values, texts });
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

type Values = Readonly<Record<string, ArgumentValue>>;

const INSTRUCTIONS_SYSVAR_ROLE = 'instructions_sysvar';

function rolesBesideProofs(
  roles: readonly string[],
  proofs: Readonly<Record<string, string>>,
  values: Values,
): readonly string[] {
  const inInstructions = Object.values(proofs).some((argument) => values[argument] !== 0n);
  return roles.filter((role) => {
    if (role === INSTRUCTIONS_SYSVAR_ROLE) return inInstructions;
    const argument = proofs[role];
    return argument === undefined || values[argument] === 0n;
  });
}

function nameAccounts(
  accounts: readonly AccountReference[],
  roles: readonly string[],
  layout: InstructionLayout,
  values: Values,
): readonly AccountInRole[] {
  const { optionalRoles = [] } = layout;
  const named = roles.length + optionalRoles.length;
  const further = accounts.length > named ? furtherRoles(layout, accounts.length - named, values) : [];
  return accounts.map(({ address, signer, writable }, i) => ({
    role: roles[i] ?? optionalRoles[i - roles.length] ?? further[i - named] ?? '',
    address,
    signer,
    writable,
  }));
}

/** Where fewer accounts follow than there are to be last ones, they are all of them. */
function furtherRoles(layout: InstructionLayout, count: number, values: Values): readonly string[] {
  const { furtherRole = 'extra', lastRole } = layout;
  const last = lastRole === undefined ? 0 : Math.min(count, Number(values[lastRole.count]));
  return Array.from({ length: count }, (_, i) =>
    lastRole === undefined || i < count - last ? `${furtherRole}_${i}` : `${lastRole.role}_${i - (count - last)}`,
  );
}
