// Owns holding changes of lamports against the effects: to the lamport, and at most where effects are a bound.
import { type Address, NATIVE_SOL } from '../../../gateway/core/address.ts';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import type { DecodedInstruction, KnownInstruction } from '../../../gateway/core/transaction/decoded-transaction.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { Execution } from '../execution.ts';
import { isWrappedSol } from './said.ts';
import { readToken } from './token-fields.ts';

interface Books {
  readonly execution: Execution;
  /** What each account gains. */
  readonly expected: Map<Address, bigint>;
  /** Bytes that accounts have grown by so far. */
  readonly grown: Map<Address, bigint>;
}

export function lamportChanges(execution: Execution): readonly string[] {
  const { decoded, effects, before, after } = execution;
  const books: Books = { execution, expected: new Map(), grown: new Map() };
  for (const instruction of decoded.instructions) post(books, instruction);
  const { payer, totalLamports } = effects.fee;
  add(books, payer, -totalLamports);
  return [...before].flatMap(([address, state]) => {
    const change = (after.get(address)?.lamports ?? 0n) - (state?.lamports ?? 0n);
    const said = books.expected.get(address) ?? 0n;
    return change === said ? [] : [`${address}: lamports changed by ${change}, effects say ${said}`];
  });
}

/** Every account of the effects is one of the transaction, so nothing can hide behind an account that was not compared. */
function post(books: Books, instruction: DecodedInstruction): void {
  const { effects } = books.execution;
  const { index, program } = instruction;
  for (const transfer of effects.transfers) {
    if (transfer.instruction !== index || !(transfer.asset === NATIVE_SOL || isWrappedSol(transfer.asset))) continue;
    move(books, transfer.source, transfer.destination, transfer.amount);
  }
  for (const { instruction: at, account, payer, rentLamports } of effects.creations) {
    if (at !== index) continue;
    const exact = program === SYSTEM_PROGRAM || program === LOADER_V3_PROGRAM;
    move(books, payer, account, exact ? rentLamports : atMost(rentLamports, lacking(books, account)));
  }
  if (instruction.kind === 'known') payForGrowth(books, instruction);
}

/** What is missing to the rent of the size that the account has in the end. */
function lacking(books: Books, account: Address): bigint {
  const { before, after } = books.execution;
  const rent = rentExemption(BigInt(after.get(account)?.data.length ?? 0));
  const old = before.get(account) ?? null;
  const token = readToken(old);
  // Wrapped SOL pays for no room.
  const wraps = token !== null && isWrappedSol(token.mint);
  return rent - (wraps ? rentExemption(BigInt(old?.data.length ?? 0)) : held(books, account));
}

function held({ execution, expected }: Books, account: Address): bigint {
  return (execution.before.get(account)?.lamports ?? 0n) + (expected.get(account) ?? 0n);
}

/** Tables and programs that grow are no creations: effects name the growth, and the wallet's part of the rent in a sum. */
function payForGrowth(books: Books, { index, program, accounts, arguments: given }: KnownInstruction): void {
  const { operations } = books.execution.effects;
  const extended = operations.find((it) => it.instruction === index && GROWTH.has(it.kind));
  const payer = accounts.find(({ role }) => role === 'payer')?.address;
  if (extended === undefined || payer === undefined) return;
  const ofTable = program === ADDRESS_LOOKUP_TABLE_PROGRAM;
  const role = ofTable ? 'lookup_table' : 'program_data_account';
  const account = accounts.find((it) => it.role === role)?.address;
  if (account === undefined) return;
  const entries = Array.isArray(given.addresses) ? BigInt(given.addresses.length) : 0n;
  const bytes = ofTable ? entries * 32n : BigInt(String(given.additional_bytes));
  const grown = (books.grown.get(account) ?? 0n) + bytes;
  books.grown.set(account, grown);
  const size = BigInt(books.execution.before.get(account)?.data.length ?? TABLE_HEADER) + grown;
  move(books, payer, account, atMost(rentExemption(size), rentExemption(size) - held(books, account)));
}

const GROWTH: ReadonlySet<string> = new Set(['lookup_table_extend', 'program_extend']);
/** Of a table that the transaction makes. */
const TABLE_HEADER = 56;

function atMost(most: bigint, amount: bigint): bigint {
  if (amount < 0n) return 0n;
  return amount < most ? amount : most;
}

function move(books: Books, from: Address, to: Address, amount: bigint): void {
  add(books, from, -amount);
  add(books, to, amount);
}

function add({ expected }: Books, account: Address, amount: bigint): void {
  expected.set(account, (expected.get(account) ?? 0n) + amount);
}
