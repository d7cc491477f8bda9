// Owns holding changes of lamports against the effects: to the lamport, and at most where effects are a bound.
import { type Address, NATIVE_SOL } from '../../../gateway/core/address.ts';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import type { DecodedInstruction } from '../../../gateway/core/transaction/decoded-transaction.ts';
import { LOADER_V3_PROGRAM, SYSTEM_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { Execution } from '../execution.ts';
import { isWrappedSol } from './said.ts';
import { readToken } from './token-fields.ts';

interface Books {
  readonly execution: Execution;
  /** What each account gains. */
  readonly expected: Map<Address, bigint>;
}

export function lamportChanges(execution: Execution): readonly string[] {
  const { decoded, effects, before, after } = execution;
  const books: Books = { execution, expected: new Map() };
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
  for (const { instruction: at, kind, account, payer, rentLamports } of effects.creations) {
    if (at !== index) continue;
    const exact = kind === 'new' && (program === SYSTEM_PROGRAM || program === LOADER_V3_PROGRAM);
    move(books, payer, account, exact ? rentLamports : atMost(rentLamports, lacking(books, account)));
  }
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
