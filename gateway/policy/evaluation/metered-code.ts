// Owns how a function body pays: each entry and each turn of a loop takes steps from the fuel, more the more instructions follow
// there, and traps where there are not enough. Bulk copies pay for their length.
import { type Cursor, cursorOver, numberType, requireEnd, signedLeb, take, u32, unsignedLeb } from './wasm-binary.ts';
import { BLOCK, END, IF, LOOP, readInstruction } from './wasm-instructions.ts';

const I32 = 0x7f;
const I64_CONST = 0x42;
/**
 * Instructions that cost a step besides the one that each entry and turn costs. Of what opa compiles, a small part of a long body is
 * taken at a time: so weighed, a step is about a nanosecond, whatever a policy does (measured: 0.25 to 1.7 ns).
 */
const INSTRUCTIONS_A_STEP = 64;
/** Bytes that a bulk copy moves in a step. */
const BYTES_A_STEP = 8;
const MOST_LOCALS = 50_000;

interface Region {
  /** Where the toll is inserted: behind the locals, or behind the head of a loop. */
  readonly at: number;
  instructions: number;
}

interface Code {
  readonly locals: number;
  readonly regions: readonly Region[];
  /** Where bulk copies begin. */
  readonly copies: readonly number[];
}

/** The same body with tolls. `parameters`: how many the function takes; `fuel`: number of the global. */
export function meteredBody(body: Uint8Array, parameters: number, fuel: number): Uint8Array {
  const cursor = cursorOver(body);
  const declared = readLocals(cursor);
  const { locals, regions, copies } = readCode(cursor, declared.count, fuel);
  const length = copies.length > 0 ? parameters + locals : null;
  const tolls = [
    ...regions.map((region) => ({ at: region.at, bytes: toll(fuel, [I64_CONST, ...signedLeb(stepsOf(region))]) })),
    ...(length === null ? [] : copies.map((at) => ({ at, bytes: copyToll(fuel, length) }))),
  ].sort((a, b) => a.at - b.at);
  const parts: Uint8Array[] = [localsOf(body, declared, length !== null)];
  let from = declared.end;
  for (const { at, bytes } of tolls) {
    parts.push(body.subarray(from, at), bytes);
    from = at;
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}

interface Locals {
  readonly groups: number;
  readonly groupsFrom: number;
  readonly end: number;
  readonly count: number;
}

function readLocals(cursor: Cursor): Locals {
  const groups = u32(cursor);
  const groupsFrom = cursor.at;
  let count = 0;
  for (let i = 0; i < groups; i++) {
    count += u32(cursor);
    numberType(cursor);
    if (count > MOST_LOCALS) throw new Error(`a function has more than ${MOST_LOCALS} locals`);
  }
  return { groups, groupsFrom, end: cursor.at, count };
}

function localsOf(body: Uint8Array, { groups, groupsFrom, end }: Locals, oneMore: boolean): Uint8Array {
  const count = unsignedLeb(oneMore ? groups + 1 : groups);
  return Uint8Array.from([...count, ...body.subarray(groupsFrom, end), ...(oneMore ? [1, I32] : [])]);
}

/** Each instruction counts in the innermost loop that holds it; both ways of an `if` count, whichever is taken. */
function readCode(cursor: Cursor, locals: number, fuel: number): Code {
  const entry: Region = { at: cursor.at, instructions: locals };
  const regions = [entry];
  const copies: number[] = [];
  const open = [entry];
  for (let region = open.at(-1); region !== undefined; region = open.at(-1)) {
    const { at } = cursor;
    const { opcode, global, bulk } = readInstruction(cursor);
    // The module must not reach the fuel, whose number it can guess.
    if (global !== null && global >= fuel) throw new Error(`there is no global ${global}`);
    region.instructions += 1;
    if (bulk !== null) copies.push(at);
    if (opcode === LOOP) {
      const turn = { at: cursor.at, instructions: 0 };
      regions.push(turn);
      open.push(turn);
    } else if (opcode === BLOCK || opcode === IF) {
      open.push(region);
    } else if (opcode === END) {
      open.pop();
    }
  }
  requireEnd(cursor, 'a function');
  return { locals, regions, copies };
}

/** `fuel = fuel - steps; if (fuel < 0) trap`. `steps`: instructions that put an i64 on the stack. */
function toll(fuel: number, steps: readonly number[]): Uint8Array {
  const global = unsignedLeb(fuel);
  const subtract = [0x23, ...global, ...steps, 0x7d, 0x24, ...global];
  const trap = [0x23, ...global, 0x42, 0x00, 0x53, IF, 0x40, 0x00, END];
  return Uint8Array.from([...subtract, ...trap]);
}

function stepsOf({ instructions }: Region): number {
  return 1 + Math.floor(instructions / INSTRUCTIONS_A_STEP);
}

/** The length is on top of the stack, and stays there. */
function copyToll(fuel: number, local: number): Uint8Array {
  const index = unsignedLeb(local);
  const steps = [0x20, ...index, 0xad, 0x42, ...signedLeb(BYTES_A_STEP), 0x80];
  return Uint8Array.from([0x22, ...index, ...toll(fuel, steps)]);
}

/** Function bodies of a code section. */
export function* bodiesIn(cursor: Cursor): Generator<Uint8Array> {
  const count = u32(cursor);
  for (let i = 0; i < count; i++) yield take(cursor, u32(cursor));
  requireEnd(cursor, 'the code section');
}
