// Owns small WebAssembly modules made by hand, for tests of metering: a function `run` of one i32, perhaps others, and one memory.

export interface Sample {
  /** Instructions of `run`, without the last `end`. */
  readonly code?: readonly number[];
  /** Groups of locals: count and type. */
  readonly locals?: readonly number[];
  /** Bodies of further functions of one i32, without locals and without the last `end`: functions 1, 2 … */
  readonly others?: readonly (readonly number[])[];
  /** More sections, or others, by number; `null`: none. */
  readonly sections?: Readonly<Record<number, readonly number[] | null>>;
}

const I32 = 0x7f;
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

const vector = (...entries: readonly (readonly number[])[]): readonly number[] => [entries.length, ...entries.flat()];
export const text = (value: string): readonly number[] => [value.length, ...Buffer.from(value)];

/** `run` of the sample exports as function 0; what it exports may be said anew in section 7. */
export function sampleModule({ code = [], locals = [], others = [], sections = {} }: Sample): Uint8Array {
  const bodies = [[...vector(...pairs(locals)), ...code, 0x0b], ...others.map((other) => [0, ...other, 0x0b])];
  const usual: Readonly<Record<number, readonly number[] | null>> = {
    1: vector([0x60, 1, I32, 0]),
    3: vector(...bodies.map(() => [0])),
    5: vector([0, 1]),
    7: vector(exported('run', 0, 0)),
    10: vector(...bodies.map((body) => [...leb(body.length), ...body])),
    ...sections,
  };
  const parts = Object.entries(usual).sort(([a], [b]) => ORDER.indexOf(Number(a)) - ORDER.indexOf(Number(b)));
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...parts.flatMap(([id, content]) => (content === null ? [] : [Number(id), ...leb(content.length), ...content])),
  ]);
}

export function exported(name: string, kind: number, index: number): readonly number[] {
  return [...text(name), kind, index];
}

function pairs(flat: readonly number[]): readonly (readonly number[])[] {
  return flat.flatMap((value, i) => (i % 2 === 0 ? [[value, flat[i + 1] ?? I32]] : []));
}

function leb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}
