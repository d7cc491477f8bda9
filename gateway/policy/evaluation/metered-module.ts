// Owns the metering of a policy's WebAssembly: evaluation is synchronous and a policy may loop for ever, so every entry of a function
// and every turn of a loop pays from a global, and the module traps when that is used up. The same input always costs the same.
import { bodiesIn, functionsPaidFor, meteredBody } from './metered-code.ts';
import {
  byte,
  type Cursor,
  cursorOver,
  name,
  numberType,
  requireEnd,
  signedLeb,
  take,
  u32,
  unsignedLeb,
} from './wasm-binary.ts';

/** Name of the export: a mutable i64 that holds the steps that are left, below zero once there were not enough. */
export const FUEL = 'countersign_fuel';

/** Until the host says otherwise: enough for what a module does when it is instantiated. */
const FIRST_STEPS = 50_000_000;

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const CUSTOM = 0;
const [TYPES, IMPORTS, FUNCTIONS, GLOBALS, EXPORTS, CODE, LAST] = [1, 2, 3, 6, 7, 10, 12];
/** By which sections stand: the count of data segments (12) before the code (10). */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];
const [FUNCTION_KIND, MEMORY_KIND, GLOBAL_KIND] = [0, 2, 3];

interface Section {
  readonly id: number;
  readonly content: Uint8Array;
}

/** Throws an Error that says what is wrong. That the rest of the module is valid is for the engine to say, when it compiles it. */
export function meter(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = withEmpty(withEmpty(readSections(wasm), GLOBALS), EXPORTS);
  const content = (id: number) =>
    cursorOver(sections.find((section) => section.id === id)?.content ?? Uint8Array.of(0));
  const imported = readImports(content(IMPORTS));
  const parameters = readParameters(content(TYPES));
  const types = [...readIndices(content(FUNCTIONS))];
  const fuel = imported.globals + u32(content(GLOBALS));
  requireNoFuel(content(EXPORTS), fuel);
  const metered = sections.map(({ id, content }) => {
    if (id === GLOBALS) return { id, content: oneMore(content, fuelGlobal()) };
    if (id === EXPORTS) return { id, content: oneMore(content, fuelExport(fuel)) };
    if (id === CODE)
      return {
        id,
        content: meteredCode(
          content,
          imported.functions,
          types.map((type) => parameters[type]),
          fuel,
        ),
      };
    return { id, content };
  });
  const parts = metered.flatMap(({ id, content }) => [Uint8Array.from([id, ...unsignedLeb(content.length)]), content]);
  return new Uint8Array(Buffer.concat([Uint8Array.from(MAGIC), ...parts]));
}

function readSections(wasm: Uint8Array): readonly Section[] {
  const cursor = cursorOver(wasm);
  if (MAGIC.some((value) => byte(cursor) !== value)) throw new Error('it is no WebAssembly of version 1');
  const sections: Section[] = [];
  let last = -1;
  while (cursor.at < cursor.end) {
    const id = byte(cursor);
    const content = take(cursor, u32(cursor));
    if (id > LAST) throw new Error(`the section ${id} is not known here`);
    if (id !== CUSTOM && ORDER.indexOf(id) <= last)
      throw new Error(`the section ${id} stands twice or in the wrong place`);
    if (id !== CUSTOM) last = ORDER.indexOf(id);
    sections.push({ id, content });
  }
  return sections;
}

/** With an empty vector as the section, where there is none. */
function withEmpty(sections: readonly Section[], id: number): readonly Section[] {
  if (sections.some((section) => section.id === id)) return sections;
  const later = sections.findIndex((section) => section.id !== CUSTOM && ORDER.indexOf(section.id) > ORDER.indexOf(id));
  const at = later < 0 ? sections.length : later;
  return sections.toSpliced(at, 0, { id, content: Uint8Array.of(0) });
}

function readImports(cursor: Cursor): { readonly functions: number; readonly globals: number } {
  let functions = 0;
  let globals = 0;
  for (let left = u32(cursor); left > 0; left--) {
    const module = name(cursor);
    const field = name(cursor);
    const kind = byte(cursor);
    if (kind === FUNCTION_KIND) {
      u32(cursor);
      functions += 1;
    } else if (kind === MEMORY_KIND) readLimits(cursor);
    else if (kind === GLOBAL_KIND) {
      numberType(cursor);
      byte(cursor);
      globals += 1;
    } else throw new Error(`it imports ${module}.${field}, which is neither a function nor a memory`);
  }
  requireEnd(cursor, 'the import section');
  return { functions, globals };
}

/** Without threads, and with addresses of 32 bits. */
function readLimits(cursor: Cursor): void {
  const flags = byte(cursor);
  if (flags > 1) throw new Error('its memory is shared, or of 64 bits');
  u32(cursor);
  if (flags === 1) u32(cursor);
}

/** Of each type: how many parameters. */
function readParameters(cursor: Cursor): readonly number[] {
  const counts: number[] = [];
  for (let left = u32(cursor); left > 0; left--) {
    if (byte(cursor) !== 0x60) throw new Error('one of its types is no function');
    const parameters = u32(cursor);
    for (let i = 0; i < parameters; i++) numberType(cursor);
    for (let results = u32(cursor); results > 0; results--) numberType(cursor);
    counts.push(parameters);
  }
  requireEnd(cursor, 'the type section');
  return counts;
}

function* readIndices(cursor: Cursor): Generator<number> {
  for (let left = u32(cursor); left > 0; left--) yield u32(cursor);
  requireEnd(cursor, 'the function section');
}

/** Neither the name nor the number may be taken: by an export the module would name what is not its own. */
function requireNoFuel(cursor: Cursor, fuel: number): void {
  for (let left = u32(cursor); left > 0; left--) {
    const exported = name(cursor);
    const kind = byte(cursor);
    const index = u32(cursor);
    if (kind > GLOBAL_KIND) throw new Error(`it exports ${exported}, of a kind that is not known here`);
    if (exported === FUEL || (kind === GLOBAL_KIND && index >= fuel)) throw new Error(`it must not export ${exported}`);
  }
  requireEnd(cursor, 'the export section');
}

/** `first`: number of the first function that is not imported; `parameters`: how many each takes. */
function meteredCode(
  content: Uint8Array,
  first: number,
  parameters: readonly (number | undefined)[],
  fuel: number,
): Uint8Array {
  const bodies = [...bodiesIn(cursorOver(content))];
  if (bodies.length !== parameters.length) throw new Error('it has not one body for each function');
  const metering = { fuel, paidFor: functionsPaidFor(bodies, first, fuel) };
  const metered = bodies.map((body, i) => {
    const count = parameters[i];
    if (count === undefined) throw new Error('a function has no type');
    return meteredBody(body, first + i, count, metering);
  });
  const sized = metered.flatMap((body) => [Uint8Array.from(unsignedLeb(body.length)), body]);
  return Buffer.concat([Uint8Array.from(unsignedLeb(bodies.length)), ...sized]);
}

/** A vector with one more at its end. */
function oneMore(vector: Uint8Array, entry: readonly number[]): Uint8Array {
  const cursor = cursorOver(vector);
  const count = u32(cursor) + 1;
  return Uint8Array.from([...unsignedLeb(count), ...vector.subarray(cursor.at), ...entry]);
}

function fuelGlobal(): readonly number[] {
  const [I64, MUTABLE, I64_CONST, END] = [0x7e, 0x01, 0x42, 0x0b];
  return [I64, MUTABLE, I64_CONST, ...signedLeb(FIRST_STEPS), END];
}

function fuelExport(fuel: number): readonly number[] {
  const text = new TextEncoder().encode(FUEL);
  return [...unsignedLeb(text.length), ...text, GLOBAL_KIND, ...unsignedLeb(fuel)];
}
