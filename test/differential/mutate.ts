// Owns changing wire bytes in the ways in which parsers are known to differ.
import type { SeededRandom } from './seeded-random.ts';

type Mutation = (random: SeededRandom, wire: Uint8Array, other: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (_random, wire) => wire,
  flipByte,
  flipByte,
  nudgeByte,
  nudgeByte,
  changeHead,
  changeHead,
  insert,
  remove,
  (random, wire) => wire.slice(0, random.below(wire.length + 1)),
  (random, wire) => concat(wire, random.bytes(1 + random.below(4))),
  padLength,
  copyKey,
  splice,
  (random, wire) => flipByte(random, nudgeByte(random, wire)),
];

/** One random change; sometimes none. */
export function mutate(random: SeededRandom, wire: Uint8Array, other: Uint8Array): Uint8Array {
  return random.pick(MUTATIONS)(random, wire, other);
}

function flipByte(random: SeededRandom, wire: Uint8Array): Uint8Array {
  return withByte(wire, random.below(wire.length), random.below(256));
}

/** Counts and indexes sit next to right ones. */
function nudgeByte(random: SeededRandom, wire: Uint8Array): Uint8Array {
  const at = random.below(wire.length);
  return withByte(wire, at, ((wire[at] ?? 0) + random.pick([255, 1, 2, 254, 128])) & 0xff);
}

/** The bytes around the header and the counts, where most rules live. */
function changeHead(random: SeededRandom, wire: Uint8Array): Uint8Array {
  const messageStart = (wire[0] ?? 0) === 0x81 ? 0 : 1 + (wire[0] ?? 0) * 64;
  const at = random.chance(30) ? 0 : messageStart + random.below(random.pick([6, 44]));
  return at < wire.length
    ? withByte(wire, at, random.pick([0, 1, 2, 3, 12, 13, 64, 65, 127, 128, 129, 130, 255]))
    : wire;
}

function insert(random: SeededRandom, wire: Uint8Array): Uint8Array {
  const at = random.below(wire.length + 1);
  return concat(wire.subarray(0, at), random.bytes(random.pick([1, 1, 2, 32, 64])), wire.subarray(at));
}

function remove(random: SeededRandom, wire: Uint8Array): Uint8Array {
  const at = random.below(wire.length);
  return concat(wire.subarray(0, at), wire.subarray(at + random.pick([1, 1, 2, 32, 64])));
}

/** A length written with a needless second byte. */
function padLength(random: SeededRandom, wire: Uint8Array): Uint8Array {
  const at = random.below(wire.length);
  return concat(wire.subarray(0, at), Uint8Array.of((wire[at] ?? 0) | 0x80, 0), wire.subarray(at + 1));
}

/** Thirty-two bytes over other thirty-two: most often one key over another. */
function copyKey(random: SeededRandom, wire: Uint8Array): Uint8Array {
  const keys = (wire[0] ?? 0) === 0x81 ? 42 : 1 + (wire[0] ?? 0) * 64 + 4;
  const copy = wire.slice();
  const from = keys + 32 * random.below(4);
  const to = keys + 32 * random.below(4) + (random.chance(50) ? 1 : 0);
  if (Math.max(from, to) + 32 <= wire.length) copy.copyWithin(to, from, from + 32);
  return copy;
}

function splice(random: SeededRandom, wire: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(wire.length);
  return concat(wire.subarray(0, at), other.subarray(Math.min(at, other.length)));
}

function withByte(wire: Uint8Array, at: number, value: number): Uint8Array {
  const copy = wire.slice();
  copy[at] = value;
  return copy;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
