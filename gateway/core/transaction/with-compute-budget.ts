// Owns writing a compute unit limit and price into a transaction that nobody has signed yet: all else stays where it was.
import type { Address } from '../address.ts';
import { decodeBase58 } from '../base58.ts';
import type { CompiledInstruction, CompiledTransaction } from './compiled-transaction.ts';
import { COMPUTE_BUDGET_PROGRAM } from './programs/program-ids.ts';
import { SIGNATURE_BYTES } from './signatures.ts';

/** What is to be set; `null`: as it stands. */
export interface ComputeBudget {
  readonly unitLimit: number | null;
  /** Micro-lamports for each compute unit, at most 2^64 - 1. */
  readonly unitPrice: bigint | null;
}

const SET_UNIT_LIMIT = 2;
const SET_UNIT_PRICE = 3;
const MAX_STATIC_ACCOUNTS = 255;

/**
 * The wire bytes of a legacy or v0 transaction with these instructions in place of its own of the same kind, or behind all others:
 * the position of an instruction is something that programs and precompiles look at. The lifetime and the signers stay. `null`: its
 * accounts leave no room for the Compute Budget program. Whether the bytes are small enough is for the parser to say.
 */
export function withComputeBudget(tx: CompiledTransaction, { unitLimit, unitPrice }: ComputeBudget): Uint8Array | null {
  const named = withProgram(tx);
  if (named === null) return null;
  const { programIndex } = named;
  let { instructions } = named;
  if (unitLimit !== null) instructions = withInstruction(instructions, programIndex, unitLimitData(unitLimit));
  if (unitPrice !== null) instructions = withInstruction(instructions, programIndex, unitPriceData(unitPrice));
  const { requiredSignatures, readonlySigned } = tx.header;
  const message = [
    ...(tx.version === 'legacy' ? [] : [0x80]),
    ...[requiredSignatures, readonlySigned, named.readonlyUnsigned],
    ...shortLength(named.staticAccounts.length),
    ...named.staticAccounts.flatMap(keyBytes),
    ...keyBytes(tx.lifetimeToken),
    ...shortLength(instructions.length),
    ...instructions.flatMap(instructionBytes),
    ...(tx.version === 'legacy' ? [] : lookupBytes(tx)),
  ];
  return Uint8Array.from([requiredSignatures, ...new Uint8Array(requiredSignatures * SIGNATURE_BYTES), ...message]);
}

interface WithProgram {
  readonly programIndex: number;
  readonly readonlyUnsigned: number;
  readonly staticAccounts: readonly Address[];
  readonly instructions: readonly CompiledInstruction[];
}

/** The last of the static accounts neither signs nor is written to: there one more moves only those that come from lookup tables. */
function withProgram({ staticAccounts, header, instructions }: CompiledTransaction): WithProgram | null {
  const { readonlyUnsigned } = header;
  const found = staticAccounts.indexOf(COMPUTE_BUDGET_PROGRAM);
  if (found >= 0) return { programIndex: found, readonlyUnsigned, staticAccounts, instructions };
  const programIndex = staticAccounts.length;
  if (programIndex >= MAX_STATIC_ACCOUNTS) return null;
  const moved = (index: number) => (index < programIndex ? index : index + 1);
  return {
    programIndex,
    readonlyUnsigned: readonlyUnsigned + 1,
    staticAccounts: [...staticAccounts, COMPUTE_BUDGET_PROGRAM],
    instructions: instructions.map((each) => ({ ...each, accountIndexes: each.accountIndexes.map(moved) })),
  };
}

function withInstruction(
  instructions: readonly CompiledInstruction[],
  programIndex: number,
  data: Uint8Array,
): readonly CompiledInstruction[] {
  const instruction = { programIndex, accountIndexes: [], data };
  const at = instructions.findIndex((each) => each.programIndex === programIndex && each.data[0] === data[0]);
  return at < 0 ? [...instructions, instruction] : instructions.with(at, instruction);
}

function unitLimitData(units: number): Uint8Array {
  const data = new Uint8Array(5);
  data[0] = SET_UNIT_LIMIT;
  new DataView(data.buffer).setUint32(1, units, true);
  return data;
}

function unitPriceData(microLamports: bigint): Uint8Array {
  const data = new Uint8Array(9);
  data[0] = SET_UNIT_PRICE;
  new DataView(data.buffer).setBigUint64(1, microLamports, true);
  return data;
}

function instructionBytes({ programIndex, accountIndexes, data }: CompiledInstruction): readonly number[] {
  return [programIndex, ...shortLength(accountIndexes.length), ...accountIndexes, ...shortLength(data.length), ...data];
}

function lookupBytes({ lookups }: CompiledTransaction): readonly number[] {
  return [
    ...shortLength(lookups.length),
    ...lookups.flatMap(({ table, writableIndexes, readonlyIndexes }) => [
      ...keyBytes(table),
      ...shortLength(writableIndexes.length),
      ...writableIndexes,
      ...shortLength(readonlyIndexes.length),
      ...readonlyIndexes,
    ]),
  ];
}

/** Seven bits a byte, the lowest first; a transaction has no length above 16 bits. */
function shortLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x4000) return [(length & 0x7f) | 0x80, length >> 7];
  return [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
}

function keyBytes(key: string): readonly number[] {
  const bytes = decodeBase58(key);
  if (bytes?.length !== 32) throw new Error('a key that the parser read has 32 bytes');
  return [...bytes];
}
