// Owns randomness that can be had again: a generator whose seed is printed and can be set by COUNTERSIGN_TEST_SEED.

export interface SeededRandom {
  readonly seed: number;
  /** An integer from 0 to below `limit`. */
  below(limit: number): number;
  /** True `percent` times in a hundred. */
  chance(percent: number): boolean;
  bytes(length: number): Uint8Array;
  pick<T>(list: readonly T[]): T;
  /** A u64 that is often small, sometimes at an edge. */
  amount(): bigint;
}

const EDGES = [0n, 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];

/** Without another one every run is the same, so that a test run never fails by chance; `make fuzz` gives new ones. */
const DEFAULT_SEED = 20261121;

/** From the environment, else always the same. */
export function seedFromEnvironment(): number {
  const given = process.env.COUNTERSIGN_TEST_SEED;
  const seed = given === undefined ? DEFAULT_SEED : Number(given);
  if (!Number.isInteger(seed)) throw new Error('COUNTERSIGN_TEST_SEED must be an integer');
  return seed;
}

/** The same, printed for who wants to repeat the run. */
export function seedOfRun(suite: string): number {
  const seed = seedFromEnvironment();
  console.log(`${suite}: seed ${seed} (set COUNTERSIGN_TEST_SEED=${seed} to repeat)`);
  return seed;
}

/** Mulberry32. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => {
    const item = list[below(list.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  return {
    seed,
    below,
    chance: (percent) => below(100) < percent,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    pick,
    amount: () => (below(4) === 0 ? pick(EDGES) : BigInt(below(1_000_000))),
  };
}
