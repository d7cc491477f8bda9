// Owns how one landed transaction is written down: a line of JSON that holds all that the chain answers about it.
import { isRecord, parseExactJson, stringifyExactJson, toU64 } from '../json-exact.ts';
import type { Execution, InnerInstruction } from './execution.ts';
import { feeOf } from './fee.ts';
import type { LandedStatus, LandedTransaction, Landing } from './landed-transactions.ts';
import { MalformedWire } from './wire-cursor.ts';
import { parseWireTransaction, type WireTransaction } from './wire-transaction.ts';

type Json = Readonly<Record<string, unknown>>;

export function formatLanding({ status, transaction }: Landing): string {
  return stringifyExactJson({ ...status, whole: transaction === null ? null : wholeJson(transaction) });
}

/** The fee follows from the bytes, and the error stands in the status. */
function wholeJson({ transaction, execution, blockTime, loadedAddresses, ...balances }: LandedTransaction): unknown {
  const { logs, unitsConsumed, returnData, innerInstructions } = execution;
  const { preBalances, postBalances } = balances;
  const wire = Buffer.from(transaction.wire).toString('base64');
  const run = { logs, unitsConsumed, returnData, innerInstructions };
  return { wire, ...run, blockTime, loadedAddresses, preBalances, postBalances };
}

/** `null` for what {@link formatLanding} does not write. */
export function parseLanding(line: string): Landing | null {
  const value = parseObject(line);
  const status = parseStatus(value);
  if (value === null || status === null) return null;
  if (value.whole === null) return { status, transaction: null };
  const transaction = isRecord(value.whole) ? parseWhole(value.whole, status) : null;
  return transaction === null ? null : { status, transaction };
}

/** `null` for text that is no JSON object. */
export function parseObject(text: string): Json | null {
  try {
    const value = parseExactJson(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

export function parseStatus(value: unknown): LandedStatus | null {
  const slot = isRecord(value) ? toU64(value.slot) : undefined;
  if (!isRecord(value) || typeof value.signature !== 'string' || slot === undefined) return null;
  const { signature, error } = value;
  if (error !== null && typeof error !== 'string' && !isRecord(error)) return null;
  return { signature, slot, error };
}

/** `null` where one of them is not what `parse` reads. */
export function parseList<T>(value: unknown, parse: (item: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const items = value.map(parse);
  const read = items.filter((item) => item !== null);
  return read.length === items.length ? read : null;
}

function parseWhole(whole: Json, { error }: LandedStatus): LandedTransaction | null {
  const run = parseRun(whole);
  const preBalances = parseList(whole.preBalances, u64);
  const postBalances = parseList(whole.postBalances, u64);
  const loadedAddresses = parseLoaded(whole.loadedAddresses);
  const { blockTime } = whole;
  const transaction = parseWire(whole.wire);
  if (run === null || preBalances === null || postBalances === null || loadedAddresses === null) return null;
  if (transaction === null || typeof blockTime !== 'number') return null;
  const fee = feeOf(transaction);
  return { transaction, execution: { error, ...run }, blockTime, fee, loadedAddresses, preBalances, postBalances };
}

function parseWire(value: unknown): WireTransaction | null {
  if (typeof value !== 'string') return null;
  try {
    return parseWireTransaction(new Uint8Array(Buffer.from(value, 'base64')));
  } catch (error) {
    if (error instanceof MalformedWire) return null;
    throw error;
  }
}

function parseRun(whole: Json): Omit<Execution, 'error'> | null {
  const logs = parseList(whole.logs, text);
  const unitsConsumed = toU64(whole.unitsConsumed);
  const returnData = parseReturnData(whole.returnData);
  const innerInstructions = parseList(whole.innerInstructions, parseGroup);
  if (logs === null || unitsConsumed === undefined || returnData === undefined || innerInstructions === null)
    return null;
  return { logs, unitsConsumed, returnData, innerInstructions };
}

/** `undefined`: it is none. */
function parseReturnData(value: unknown): Execution['returnData'] | undefined {
  if (value === null) return null;
  if (!isRecord(value) || typeof value.programId !== 'string' || !Array.isArray(value.data)) return undefined;
  const [data] = value.data;
  return typeof data === 'string' ? { programId: value.programId, data: [data, 'base64'] } : undefined;
}

function parseGroup(value: unknown): Execution['innerInstructions'][number] | null {
  if (!isRecord(value) || typeof value.index !== 'number') return null;
  const instructions = parseList(value.instructions, parseInner);
  return instructions === null ? null : { index: value.index, instructions };
}

function parseInner(value: unknown): InnerInstruction | null {
  if (!isRecord(value)) return null;
  const { programIdIndex, data, stackHeight } = value;
  const accounts = parseList(value.accounts, number);
  if (typeof programIdIndex !== 'number' || typeof stackHeight !== 'number') return null;
  return typeof data === 'string' && accounts !== null ? { programIdIndex, accounts, data, stackHeight } : null;
}

function parseLoaded(value: unknown): LandedTransaction['loadedAddresses'] | null {
  if (!isRecord(value)) return null;
  const writable = parseList(value.writable, text);
  const readonly = parseList(value.readonly, text);
  return writable === null || readonly === null ? null : { writable, readonly };
}

function u64(value: unknown): bigint | null {
  return toU64(value) ?? null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
