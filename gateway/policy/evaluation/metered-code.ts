// Owns how a function body pays: each entry and each turn of a loop takes steps from the fuel, more the more instructions follow
// there, and traps where there are not enough. Bulk copies pay for their length, and callers for small functions.
import { type Cursor, cursorOver, numberType, requireEnd, signedLeb, take, u32, unsignedLeb } from './wasm-binary.ts';
import { BLOCK, CALL_INDIRECT, END, IF, LOOP, readInstruction } from './wasm-instructions.ts';

const I32 = 0x7f;
const I64_CONST = 0x42;
/**
 * Instructions that cost a step besides the one that each entry and turn costs. Of what opa compiles, a small part of a long body is
 * taken at a time: so weighed, a step is about a nanosecond, whatever a policy does (measured: 0.3 to 2.6 ns).
 */
const INSTRUCTIONS_A_STEP = 256;
/** Bytes that a bulk copy moves in a step. */
const BYTES_A_STEP = 8;
const MOST_LOCALS = 50_000;

/** Instructions outside of loops that a function may have, with those of functions that it pays for, and yet be paid for by callers. */
const LARGEST_PAID_FOR = 512;
/** Calls within calls beyond this pay for themselves: it is as deep as this code calls itself. */
const DEEPEST = 64;

export interface Metering {
  /** Number of the global. */
  readonly fuel: number;
  /** Functions that do not pay on entry, by number, and what their callers pay for each call, in instructions. */
  readonly paidFor: ReadonlyMap<number, number>;
}

interface Region {
  /** Where the toll is inserted: behind the locals, or behind the head of a loop. */
  readonly at: number;
  instructions: number;
}

interface Code {
  readonly entry: Region;
  readonly turns: readonly Region[];
  /** Where bulk copies begin. */
  readonly copies: readonly number[];
  /** What is called outside of loops, once for each place. */
  readonly callees: readonly number[];
  /** Whether it calls what nobody knows before it runs. */
  readonly indirect: boolean;
}

/** The same body with tolls. `parameters`: how many function number `index` takes. */
export function meteredBody(body: Uint8Array, index: number, parameters: number, metering: Metering): Uint8Array {
  const { fuel, paidFor } = metering;
  const cursor = cursorOver(body);
  const declared = readLocals(cursor);
  const { entry, turns, copies } = readCode(cursor, declared.count, metering);
  const length = copies.length > 0 ? parameters + declared.count : null;
  const paying = paidFor.has(index) ? turns : [entry, ...turns];
  const tolls = [
    ...paying.map((region) => ({ at: region.at, bytes: toll(fuel, [I64_CONST, ...signedLeb(stepsOf(region))]) })),
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

/**
 * Small functions that never call themselves, by whatever way but through a loop, need no toll of their own: whoever calls them pays
 * for their instructions. That is most calls of what opa compiles. `first`: number of the first of these bodies.
 */
export function functionsPaidFor(
  bodies: readonly Uint8Array[],
  first: number,
  fuel: number,
): ReadonlyMap<number, number> {
  const paidFor = new Map<number, number>();
  const underWay = new Set<number>();
  const paysItself = new Set<number>();
  const known = new Set<number>();
  const visit = (index: number, depth: number): void => {
    const body = bodies[index - first];
    if (body === undefined || known.has(index)) return;
    // Each way around calls leads through a function that is under way when it is met again.
    if (underWay.has(index) || depth > DEEPEST) {
      paysItself.add(index);
      return;
    }
    underWay.add(index);
    const cursor = cursorOver(body);
    const { entry, callees, indirect } = readCode(cursor, readLocals(cursor).count, { fuel, paidFor: new Map() });
    for (const callee of callees) visit(callee, depth + 1);
    underWay.delete(index);
    known.add(index);
    const cost = callees.reduce((sum, callee) => sum + (paidFor.get(callee) ?? 0), entry.instructions);
    if (!indirect && !paysItself.has(index) && cost <= LARGEST_PAID_FOR) paidFor.set(index, cost);
  };
  for (let i = 0; i < bodies.length; i++) visit(first + i, 0);
  return paidFor;
}

/** Each instruction counts in the innermost loop that holds it; both ways of an `if` count, whichever is taken. */
function readCode(cursor: Cursor, locals: number, { fuel, paidFor }: Metering): Code {
  const entry: Region = { at: cursor.at, instructions: locals };
  const turns: Region[] = [];
  const copies: number[] = [];
  const callees: number[] = [];
  let indirect = false;
  const open = [entry];
  for (let region = open.at(-1); region !== undefined; region = open.at(-1)) {
    const { at } = cursor;
    const { opcode, global, callee, bulk } = readInstruction(cursor);
    // The module must not reach the fuel, whose number it can guess.
    if (global !== null && global >= fuel) throw new Error(`there is no global ${global}`);
    region.instructions += 1;
    if (bulk !== null) copies.push(at);
    if (callee !== null) {
      region.instructions += paidFor.get(callee) ?? 0;
      if (region === entry) callees.push(callee);
    } else if (opcode === CALL_INDIRECT) {
      indirect = true;
      region.instructions += LARGEST_PAID_FOR;
    } else if (opcode === LOOP) {
      const turn = { at: cursor.at, instructions: 0 };
      turns.push(turn);
      open.push(turn);
    } else if (opcode === BLOCK || opcode === IF) {
      open.push(region);
    } else if (opcode === END) {
      open.pop();
    }
  }
  requireEnd(cursor, 'a function');
  return { entry, turns, copies, callees, indirect };
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
