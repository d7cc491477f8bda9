// Owns seeded mutations of wire bytes for tests: the same seed gives the same bytes.

/** Numbers in [0, bound), from a seed (mulberry32). */
export function seededNumbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0x81, 0x82, 0xff];

/** One to four changes: a byte, a swap for an interesting byte, an insertion, a removal, a cut, a doubling. */
export function mutate(wire: Uint8Array, next: (bound: number) => number): Uint8Array {
  let bytes = [...wire];
  for (let changes = 1 + next(4); changes > 0; changes--) {
    // Lengths, header and indices are where parsers differ; they stand behind the signature of 64 bytes and the keys.
    const at = next(3) === 0 ? next(bytes.length + 1) : Math.min(bytes.length, 64 + next(bytes.length));
    const kind = next(6);
    if (kind === 0) bytes[at] = next(256);
    if (kind === 1) bytes[at] = INTERESTING[next(INTERESTING.length)] ?? 0;
    if (kind === 2) bytes.splice(at, 0, next(256));
    if (kind === 3) bytes.splice(at, 1 + next(8));
    if (kind === 4) bytes = bytes.slice(0, at);
    if (kind === 5) bytes.splice(at, 0, ...bytes.slice(at, at + 32));
  }
  return Uint8Array.from(bytes, (byte) => byte ?? 0);
}
