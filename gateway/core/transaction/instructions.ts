// Owns reading compiled instructions, of legacy and v0 (one after the other) and of v1 (all headers, then all contents).
import type { CompiledInstruction } from './compiled-transaction.ts';
import { type Cursor, readIndexes, readShortLength, readU8, readU16, refuse, requireBytes } from './cursor.ts';

/** The runtime's limit of top-level instructions; a v1 message may not even carry more. */
const MAX_INSTRUCTIONS = 64;
/** The runtime's limit of accounts in one instruction. */
const MAX_INSTRUCTION_ACCOUNTS = 255;

/** An instruction whose indexes are not checked yet, with where they stand in the wire bytes. */
interface RawInstruction extends CompiledInstruction {
  readonly programOffset: number;
  readonly accountsOffset: number;
}

const PROGRAM_FIELD = 'message.instructions[].programIndex';
const ACCOUNTS_FIELD = 'message.instructions[].accountIndexes';
const DATA_FIELD = 'message.instructions[].data';

/** `messageBytes` are the message's own bytes, which begin at `messageOffset` of the cursor; data are views into them. */
export function readInstructions(
  cursor: Cursor,
  messageBytes: Uint8Array,
  messageOffset: number,
): readonly RawInstruction[] {
  const count = readShortLength(cursor, 'message.instructions');
  const instructions: RawInstruction[] = [];
  if (!withinInstructionLimit(cursor, count)) return instructions;
  for (let i = 0; i < count && cursor.error === null; i++) {
    cursor.element = i;
    const programOffset = cursor.offset;
    const programIndex = readU8(cursor, PROGRAM_FIELD);
    const accountCount = readShortLength(cursor, ACCOUNTS_FIELD);
    if (!withinInstructionAccounts(cursor, accountCount)) break;
    const accountsOffset = cursor.offset;
    const accountIndexes = readIndexes(cursor, accountCount, ACCOUNTS_FIELD);
    const length = readShortLength(cursor, DATA_FIELD);
    const data = readData(cursor, length, messageBytes, messageOffset);
    instructions.push({ programIndex, accountIndexes, data, programOffset, accountsOffset });
  }
  return instructions;
}

/** SIMD-0385: `count` headers of (program u8, accounts u8, data length u16), then `count` contents. The message is at offset 0. */
export function readV1Instructions(cursor: Cursor, count: number, messageBytes: Uint8Array): readonly RawInstruction[] {
  const headers: { programOffset: number; programIndex: number; accountCount: number; length: number }[] = [];
  if (!withinInstructionLimit(cursor, count)) return [];
  for (let i = 0; i < count && cursor.error === null; i++) {
    cursor.element = i;
    const programOffset = cursor.offset;
    const programIndex = readU8(cursor, PROGRAM_FIELD);
    const accountCount = readU8(cursor, ACCOUNTS_FIELD);
    headers.push({ programOffset, programIndex, accountCount, length: readU16(cursor, DATA_FIELD) });
  }
  return headers.map(({ programOffset, programIndex, accountCount, length }, i) => {
    cursor.element = i;
    const accountsOffset = cursor.offset;
    const accountIndexes = readIndexes(cursor, accountCount, ACCOUNTS_FIELD);
    return {
      programIndex,
      accountIndexes,
      data: readData(cursor, length, messageBytes, 0),
      programOffset,
      accountsOffset,
    };
  });
}

/** Every program is a static key other than the fee payer; every account exists. */
export function checkIndexes(
  cursor: Cursor,
  instructions: readonly RawInstruction[],
  staticCount: number,
  accountCount: number,
): void {
  for (let i = 0; i < instructions.length && cursor.error === null; i++) {
    const instruction = instructions[i];
    if (instruction === undefined) return;
    cursor.element = i;
    checkProgram(cursor, instruction, staticCount);
    for (let k = 0; k < instruction.accountIndexes.length; k++) {
      const index = instruction.accountIndexes[k] ?? 0;
      if (index < accountCount) continue;
      refuse(cursor, {
        code: 'INDEX_OUT_OF_RANGE',
        field: `${ACCOUNTS_FIELD}[${k}]`,
        expected: `an index below ${accountCount}`,
        found: `${index}`,
        offset: instruction.accountsOffset + k,
      });
    }
  }
}

function checkProgram(cursor: Cursor, instruction: RawInstruction, staticCount: number): void {
  const { programIndex, programOffset } = instruction;
  if (programIndex > 0 && programIndex < staticCount) return;
  refuse(cursor, {
    code: programIndex === 0 ? 'PROGRAM_IS_FEE_PAYER' : 'INDEX_OUT_OF_RANGE',
    field: PROGRAM_FIELD,
    expected: `the index of a static account other than the fee payer: 1 to ${staticCount - 1}`,
    found: `${programIndex}`,
    offset: programOffset,
  });
}

function withinInstructionLimit(cursor: Cursor, count: number): boolean {
  if (count > MAX_INSTRUCTIONS) {
    const expected = `at most ${MAX_INSTRUCTIONS} instructions`;
    refuse(cursor, { code: 'TOO_MANY_INSTRUCTIONS', field: 'message.instructions', expected, found: `${count}` });
  }
  return cursor.error === null;
}

function withinInstructionAccounts(cursor: Cursor, count: number): boolean {
  if (count > MAX_INSTRUCTION_ACCOUNTS) {
    const expected = `at most ${MAX_INSTRUCTION_ACCOUNTS} accounts in an instruction`;
    refuse(cursor, { code: 'TOO_MANY_INSTRUCTION_ACCOUNTS', field: ACCOUNTS_FIELD, expected, found: `${count}` });
  }
  return cursor.error === null;
}

function readData(cursor: Cursor, length: number, messageBytes: Uint8Array, messageOffset: number): Uint8Array {
  if (!requireBytes(cursor, length, DATA_FIELD)) return messageBytes.subarray(0, 0);
  const start = cursor.offset - messageOffset;
  cursor.offset += length;
  return messageBytes.subarray(start, start + length);
}
