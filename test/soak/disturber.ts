// Owns that things go wrong in an order drawn from the seed, each often, and that what is disturbed already is left alone.
import type { SeededRandom } from '../differential/seeded-random.ts';

export interface Disturber<K extends string> {
  /** Lets the next thing go wrong, beside what still does. */
  strike(): void;
  readonly counts: ReadonlyMap<K, number>;
  /** Returns when everything stands again. Throws where something did not. */
  settle(): Promise<void>;
}

export interface Disturbance {
  /** What it befalls: nothing else may at the same time. */
  readonly what: object | string;
  readonly work: (clock: StrikeClock) => Promise<void>;
}

export interface StrikeClock {
  /** Resolves after so many further strikes, or when no more will come: what lasts so long is as frequent on any machine. */
  passed(strikes: number): Promise<void>;
}

const MOST_WAITING_CYCLES = 3;

/** `begin`: `null` where nothing is there that may be disturbed so now. Every kind of `cycle` has its turn before the first has it again. */
export function createDisturber<K extends string>(
  random: SeededRandom,
  cycle: readonly K[],
  begin: (kind: K, isDisturbed: (what: object | string) => boolean) => Disturbance | null,
): Disturber<K> {
  const counts = new Map<K, number>(cycle.map((kind) => [kind, 0]));
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const disturbed = new Set<object | string>();
  const waiting = new Set<{ left: number; readonly end: () => void }>();
  let isOver = false;
  let order: K[] = [];

  const clock: StrikeClock = {
    passed: (strikes) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (isOver) resolve();
      else waiting.add({ left: strikes, end: resolve });
      return promise;
    },
  };

  function tick(): void {
    for (const wait of waiting) {
      wait.left -= 1;
      if (wait.left > 0 && !isOver) continue;
      waiting.delete(wait);
      wait.end();
    }
  }

  /** The next of the order that can go wrong now; those before it wait, while others have their turn again. */
  function draw(): { readonly kind: K; readonly disturbance: Disturbance } | null {
    const drawn = drawFrom(0);
    const tried = order.length;
    if (drawn !== null || tried >= MOST_WAITING_CYCLES * cycle.length) return drawn;
    order = [...order, ...shuffled(random, cycle)];
    return drawFrom(tried);
  }

  function drawFrom(first: number): { readonly kind: K; readonly disturbance: Disturbance } | null {
    for (const [n, kind] of order.slice(first).entries()) {
      const disturbance = begin(kind, (what) => disturbed.has(what));
      if (disturbance === null || disturbed.has(disturbance.what)) continue;
      order = order.toSpliced(first + n, 1);
      return { kind, disturbance };
    }
    return null;
  }

  async function next(): Promise<void> {
    const drawn = draw();
    if (drawn === null) return;
    const { kind, disturbance } = drawn;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    disturbed.add(disturbance.what);
    await disturbance.work(clock).finally(() => disturbed.delete(disturbance.what));
  }

  return {
    strike: () => {
      tick();
      const work = next()
        .catch((error: unknown) => failures.push(error))
        .then(() => undefined)
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    counts,
    settle: async () => {
      isOver = true;
      tick();
      await Promise.all(underWay);
      if (failures.length > 0) throw failures[0];
    },
  };
}

function shuffled<K>(random: SeededRandom, kinds: readonly K[]): K[] {
  return kinds
    .map((kind) => ({ kind, place: random.below(1_000_000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ kind }) => kind);
}
