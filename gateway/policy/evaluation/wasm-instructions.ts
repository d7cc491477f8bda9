// Owns where a WebAssembly instruction ends: those of the first version, sign extension, conversion that saturates, and bulk memory.
// What else there is, is refused: nobody has looked at what it may cost.
import { byte, type Cursor, skipSigned, take, u32 } from './wasm-binary.ts';

export const BLOCK = 0x02;
export const LOOP = 0x03;
export const IF = 0x04;
export const END = 0x0b;
export const CALL_INDIRECT = 0x11;
const CALL = 0x10;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const PREFIX = 0xfc;
const [BR_TABLE, MEMORY_SIZE, MEMORY_GROW] = [0x0e, 0x3f, 0x40];
const [I32_CONST, I64_CONST, F32_CONST, F64_CONST] = [0x41, 0x42, 0x43, 0x44];
/** br, br_if, local.get, local.set, local.tee. */
const TAKES_INDEX = [0x0c, 0x0d, 0x20, 0x21, 0x22];

export type BulkCopy = 'memory.init' | 'memory.copy' | 'memory.fill';

export interface Instruction {
  readonly opcode: number;
  /** What `global.get` and `global.set` name. */
  readonly global: number | null;
  /** What `call` names. */
  readonly callee: number | null;
  /** One whose work is as long as the number on top of the stack. */
  readonly bulk: BulkCopy | null;
}

const NAMES_NOTHING = { global: null, callee: null, bulk: null };

/** Moves behind the instruction. Throws an Error for one that is not known here. */
export function readInstruction(cursor: Cursor): Instruction {
  const opcode = byte(cursor);
  if (opcode === GLOBAL_GET || opcode === GLOBAL_SET) return { ...NAMES_NOTHING, opcode, global: u32(cursor) };
  if (opcode === CALL) return { ...NAMES_NOTHING, opcode, callee: u32(cursor) };
  if (opcode === PREFIX) return { ...NAMES_NOTHING, opcode, bulk: prefixed(cursor) };
  skipImmediates(cursor, opcode);
  return { ...NAMES_NOTHING, opcode };
}

function skipImmediates(cursor: Cursor, opcode: number): void {
  if (hasNone(opcode)) return;
  if (opcode >= 0x28 && opcode <= 0x3e) skipMemoryArgument(cursor);
  else if ([BLOCK, LOOP, IF].includes(opcode)) skipSigned(cursor, 33);
  else if (TAKES_INDEX.includes(opcode)) u32(cursor);
  else if (opcode === BR_TABLE) for (let labels = u32(cursor); labels >= 0; labels--) u32(cursor);
  else if (opcode === CALL_INDIRECT) {
    u32(cursor);
    u32(cursor);
  } else if (opcode === MEMORY_SIZE || opcode === MEMORY_GROW) requireZero(cursor);
  else if (opcode === I32_CONST) skipSigned(cursor, 32);
  else if (opcode === I64_CONST) skipSigned(cursor, 64);
  else if (opcode === F32_CONST) take(cursor, 4);
  else if (opcode === F64_CONST) take(cursor, 8);
  else throw new Error(`the instruction 0x${opcode.toString(16)} before byte ${cursor.at} is not known here`);
}

/** unreachable, nop, else, end, return, drop, select, and all that only takes from the stack and puts on it. */
function hasNone(opcode: number): boolean {
  return [0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b].includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4);
}

/** A larger alignment would say that the number of a memory follows. */
function skipMemoryArgument(cursor: Cursor): void {
  if (u32(cursor) > 3) throw new Error(`the alignment before byte ${cursor.at} is not known here`);
  u32(cursor);
}

function prefixed(cursor: Cursor): BulkCopy | null {
  const operation = u32(cursor);
  if (operation <= 7) return null; // trunc_sat
  switch (operation) {
    case 8:
      u32(cursor);
      requireZero(cursor);
      return 'memory.init';
    case 9: // data.drop
      u32(cursor);
      return null;
    case 10:
      requireZero(cursor);
      requireZero(cursor);
      return 'memory.copy';
    case 11:
      requireZero(cursor);
      return 'memory.fill';
  }
  throw new Error(`the instruction 0xfc ${operation} before byte ${cursor.at} is not known here`);
}

function requireZero(cursor: Cursor): void {
  if (byte(cursor) !== 0) throw new Error(`another memory than the one, before byte ${cursor.at}`);
}
