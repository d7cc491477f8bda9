// Owns naming the instructions that a simulation ran, in order of execution, from what a node says of those inside.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { AccountReference, DecodedInstruction, DecodedTransaction } from '../transaction/decoded-transaction.ts';
import {
  type DescribedPrograms,
  decodeInstruction,
  isNativeProgram,
} from '../transaction/programs/decode-instruction.ts';
import { type RawInstruction, unknown } from '../transaction/programs/instruction-table.ts';
import { type RebuiltInstruction, rebuildInstruction } from './parsed-instruction.ts';
import type { InnerCall, InnerCalls } from './simulation-answer.ts';

export interface RanInstruction {
  readonly depth: number;
  readonly instruction: DecodedInstruction;
  /**
   * Who says what it does. `itself`: its own data. `caller`: the instruction that called it, whose effects are known whole.
   * `calls`: what it calls in turn, because its program owns nothing of the wallet. `nobody`: it cannot be read.
   */
  readonly toldBy: 'itself' | 'caller' | 'calls' | 'nobody';
}

/** Why what a node says cannot be true. */
export class ImpossibleCalls extends Error {}

/** @throws ImpossibleCalls when the calls cannot be those of this transaction. */
export function ranInstructions(
  decoded: DecodedTransaction,
  groups: readonly InnerCalls[],
  described: DescribedPrograms,
): readonly RanInstruction[] {
  const byIndex = indexGroups(groups, decoded.instructions.length);
  const accounts = new Map(decoded.accounts.map((account) => [account.address, account]));
  return decoded.instructions.flatMap((instruction, index) => {
    const ran: RanInstruction[] = [{ depth: 1, instruction, toldBy: tellerOf(instruction, null, false) }];
    /** The instruction that is under way at each depth. */
    const callers: DecodedInstruction[] = [instruction];
    for (const call of byIndex.get(index) ?? []) {
      const depth = call.stackHeight;
      const caller = callers[depth - 2];
      if (caller === undefined) throw new ImpossibleCalls(`instruction ${index} calls at depth ${depth} from nowhere`);
      const { inner, isLost } = decodeCall({ decoded, accounts, described, index }, call);
      callers.length = depth - 1;
      callers.push(inner);
      ran.push({ depth, instruction: inner, toldBy: tellerOf(inner, caller, isLost) });
    }
    return ran;
  });
}

function indexGroups(groups: readonly InnerCalls[], count: number): ReadonlyMap<number, readonly InnerCall[]> {
  const byIndex = new Map<number, readonly InnerCall[]>();
  for (const { index, calls } of groups) {
    if (index >= count) throw new ImpossibleCalls(`there is no instruction ${index} that could call others`);
    if (byIndex.has(index)) throw new ImpossibleCalls(`the calls of instruction ${index} stand there twice`);
    byIndex.set(index, calls);
  }
  return byIndex;
}

/**
 * A native program does by its own data what no call tells, so an instruction of it that cannot be read is told by nobody. Native
 * programs that an instruction with known effects calls are part of these.
 */
function tellerOf(
  instruction: DecodedInstruction,
  caller: DecodedInstruction | null,
  isLost: boolean,
): RanInstruction['toldBy'] {
  const isNative = isNativeProgram(instruction.program);
  if (caller?.kind === 'known' && isNative) return 'caller';
  if (instruction.kind === 'known') return 'itself';
  return isNative || isLost ? 'nobody' : 'calls';
}

interface Place {
  readonly decoded: DecodedTransaction;
  readonly accounts: ReadonlyMap<Address, AccountReference>;
  readonly described: DescribedPrograms;
  readonly index: number;
}

/** `isLost`: the node named it in a form that cannot be read back. */
function decodeCall(place: Place, call: InnerCall): { readonly inner: DecodedInstruction; readonly isLost: boolean } {
  const rebuilt = call.form === 'parsed' ? rebuildInstruction(call.program, call.parsed) : null;
  if (call.form !== 'parsed' || rebuilt !== null) {
    return { inner: decodeInstruction(rawCall(place, call, rebuilt), place.described), isLost: false };
  }
  const raw = rawOf(place, call.program, [], new Uint8Array());
  return { inner: unknown(raw, null, `the node tells of ${call.program} in a form that is not read`), isLost: true };
}

function rawCall(place: Place, call: InnerCall, rebuilt: RebuiltInstruction | null): RawInstruction {
  switch (call.form) {
    case 'compiled': {
      const { programIndex, accountIndexes, data } = call;
      const program = referenceAt(place, programIndex).address;
      return { index: place.index, program, accounts: accountIndexes.map((n) => referenceAt(place, n)), data };
    }
    case 'resolved':
      return rawOf(place, call.program, call.accounts, call.data);
    case 'parsed':
      return rawOf(place, call.program, rebuilt?.accounts ?? [], rebuilt?.data ?? new Uint8Array());
    default:
      return assertNever(call);
  }
}

function rawOf(place: Place, program: Address, accounts: readonly Address[], data: Uint8Array): RawInstruction {
  return {
    index: place.index,
    program: reference(place, program).address,
    accounts: accounts.map((account) => reference(place, account)),
    data,
  };
}

function referenceAt({ decoded }: Place, index: number): AccountReference {
  const found = decoded.accounts[index];
  if (found === undefined) throw new ImpossibleCalls(`a call names account ${index} of ${decoded.accounts.length}`);
  return found;
}

/**
 * What is called can use no account that is not the transaction's. Signer and writable are those of the transaction: a program may
 * pass both on, so both count as passed on; a signature that a program makes for an address of its own does not.
 */
function reference({ accounts }: Place, address: Address): AccountReference {
  const found = accounts.get(address);
  if (found === undefined) throw new ImpossibleCalls(`a call names ${address}, which is no account of the transaction`);
  return found;
}
