// Owns the exploration of every world that can be reached, and the shortest way to the first that is wrong.
import { beginning, leftOver, type Rules, steps, type World, wrong } from './world.ts';

export interface Exploration {
  readonly worlds: number;
  /** Worlds in which nothing can happen any more. */
  readonly ends: number;
  /** States in which requests ended there. */
  readonly states: ReadonlySet<string>;
  /** What went wrong first, and the steps to it; `null`: nothing does. */
  readonly fault: { readonly what: string; readonly way: readonly string[] } | null;
}

interface Reached {
  readonly world: World;
  readonly from: Reached | null;
  readonly by: string;
}

/** Breadth first, so that the way to a fault is a shortest one. Throws where there are more worlds than `most`. */
export function explore(rules: Rules, most = 3_000_000): Exploration {
  const keyOf = keys();
  const start: Reached = { world: beginning(rules), from: null, by: '' };
  const known = new Set([keyOf(start.world)]);
  const states = new Set<string>();
  let ends = 0;
  let edge: Reached[] = [start];
  while (edge.length > 0) {
    const next: Reached[] = [];
    for (const reached of edge) {
      const { world } = reached;
      let isEnd = true;
      for (const [by, then] of steps(world, rules)) {
        isEnd = false;
        const key = keyOf(then);
        if (known.has(key)) continue;
        known.add(key);
        const now = { world: then, from: reached, by };
        const what = wrong(then, rules);
        if (what !== null) return { worlds: known.size, ends, states, fault: { what, way: wayTo(now) } };
        next.push(now);
      }
      if (!isEnd) continue;
      ends++;
      for (const { state } of world.requests) states.add(state);
      const what = leftOver(world);
      if (what !== null) return { worlds: known.size, ends, states, fault: { what, way: wayTo(reached) } };
    }
    if (known.size > most) throw new Error(`more than ${most} worlds`);
    edge = next;
  }
  return { worlds: known.size, ends, states, fault: null };
}

function wayTo(reached: Reached): readonly string[] {
  const way: string[] = [];
  for (let at: Reached | null = reached; at !== null && at.by !== ''; at = at.from) way.unshift(at.by);
  return way;
}

/**
 * The same for worlds in which only the requests have changed places: they begin alike, and no step and no loss tells them apart. Most
 * requests of a world are those of the world before it, so that each is written out once.
 */
function keys(): (world: World) => string {
  const numbers = new Map<string, number>();
  const known = new WeakMap<object, number>();
  const numberOf = (request: object): number => {
    const text = JSON.stringify(request);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    known.set(request, number);
    return number;
  };
  return ({ requests, ...shared }) => {
    const places = requests.map((request) => known.get(request) ?? numberOf(request)).sort((a, b) => a - b);
    return `${places.join()} ${JSON.stringify(shared)}`;
  };
}
