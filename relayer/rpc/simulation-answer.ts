// Owns strict reading of simulateTransaction's result; what does not have the documented shape is an UnexpectedAnswer.
import type { Address } from '@solana/kit';
import { decodeBase58 } from '../base58.ts';
import type { ChainAccount, ChainSimulation, SimulatedCall, SimulatedCalls } from '../chain-reader.ts';
import {
  readAccount,
  readBase58Hash,
  readContext,
  readExactText,
  readList,
  readListUpTo,
  readObject,
  readRuntimeError,
  readU64,
  UnexpectedAnswer,
} from './answer-shape.ts';

/** Instructions that one transaction may execute, inner ones included (agave, MAX_INSTRUCTION_TRACE_LENGTH). */
const MAX_CALLS = 64;
/** Accounts of one instruction. */
const MAX_CALL_ACCOUNTS = 255;
/** Depth of calls: 5 now, 9 with SIMD-0268. */
const MAX_STACK_HEIGHT = 9;
/** Of all inner instructions together. The runtime allows ten times as much, which nobody could look through. */
const MAX_TEXT_CHARACTERS = 96 * 1024;

/** `asked`: the addresses whose states were asked for, in that order. */
export function readSimulation(result: unknown, asked: readonly Address[]): ChainSimulation {
  const { slot, value } = readContext(result);
  const answer = readObject(value, 'result.value');
  const { err } = answer;
  if (err === undefined) throw new UnexpectedAnswer('result.value.err', 'there');
  if (err !== null) return { status: 'failed', slot, error: readRuntimeError(err, 'result.value.err') };
  return {
    status: 'succeeded',
    slot,
    unitsConsumed: readU64(answer.unitsConsumed, 'result.value.unitsConsumed'),
    innerCalls: readInnerCalls(answer.innerInstructions ?? null),
    postStates: readPostStates(answer.accounts ?? null, asked),
  };
}

function readPostStates(value: unknown, asked: readonly Address[]): ReadonlyMap<Address, ChainAccount | null> | null {
  if (value === null) return null;
  const list = readList(value, 'result.value.accounts', asked.length);
  return new Map(asked.map((address, n) => [address, readAccount(list[n], `result.value.accounts[${n}]`)]));
}

interface Budget {
  calls: number;
  characters: number;
}

function readInnerCalls(value: unknown): readonly SimulatedCalls[] | null {
  if (value === null) return null;
  const member = 'result.value.innerInstructions';
  const budget: Budget = { calls: MAX_CALLS, characters: MAX_TEXT_CHARACTERS };
  return readListUpTo(value, member, MAX_CALLS).map((item, n) => {
    const { index, instructions } = readObject(item, `${member}[${n}]`);
    const at = `${member}[${n}].instructions`;
    const calls = readListUpTo(instructions, at, budget.calls);
    budget.calls -= calls.length;
    return {
      index: readInteger(index, `${member}[${n}].index`, 0, MAX_CALLS - 1),
      calls: calls.map((call, k) => readCall(call, `${at}[${k}]`, budget)),
    };
  });
}

function readCall(value: unknown, member: string, budget: Budget): SimulatedCall {
  const call = readObject(value, member);
  const stackHeight = readInteger(call.stackHeight, `${member}.stackHeight`, 2, MAX_STACK_HEIGHT);
  if (call.parsed !== undefined) {
    spend(budget, readExactText(call.parsed, `${member}.parsed`).length, `${member}.parsed`);
    const program = readBase58Hash(call.programId, `${member}.programId`);
    return { form: 'parsed', stackHeight, program, parsed: call.parsed };
  }
  const accounts = readListUpTo(call.accounts, `${member}.accounts`, MAX_CALL_ACCOUNTS);
  const data = readData(call.data, `${member}.data`, budget);
  if (call.programIdIndex === undefined) {
    return {
      form: 'resolved',
      stackHeight,
      program: readBase58Hash(call.programId, `${member}.programId`),
      accounts: accounts.map((account, n) => readBase58Hash(account, `${member}.accounts[${n}]`)),
      data,
    };
  }
  return {
    form: 'compiled',
    stackHeight,
    programIndex: readInteger(call.programIdIndex, `${member}.programIdIndex`, 0, 255),
    accountIndexes: accounts.map((index, n) => readInteger(index, `${member}.accounts[${n}]`, 0, 255)),
    data,
  };
}

function readData(value: unknown, member: string, budget: Budget): Uint8Array {
  if (typeof value === 'string') spend(budget, value.length, member);
  const data = typeof value === 'string' ? decodeBase58(value) : undefined;
  if (data === undefined) throw new UnexpectedAnswer(member, 'base58');
  return data;
}

function spend(budget: Budget, characters: number, member: string): void {
  budget.characters -= characters;
  if (budget.characters >= 0) return;
  throw new UnexpectedAnswer(member, `within the ${MAX_TEXT_CHARACTERS} characters of all inner instructions together`);
}

function readInteger(value: unknown, member: string, least: number, greatest: number): number {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest;
  if (!fits) throw new UnexpectedAnswer(member, `an integer from ${least} to ${greatest}`);
  return value;
}
