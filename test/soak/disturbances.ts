// Owns what goes wrong during a soak: gateways die, Postgres crashes, Redis forgets or dies, connections are cut, slow or lose answers;
// each often, in an order drawn from the seed.
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../differential/seeded-random.ts';
import type { Member } from './fleet.ts';
import type { Stage } from './stage.ts';

export const DISTURBANCES = [
  'kill',
  'crash_postgres',
  'flush_redis',
  'kill_redis',
  'cut',
  'delay',
  'lose_answers',
] as const;

export type Disturbance = (typeof DISTURBANCES)[number];

export interface Disturber {
  /** Lets the next thing go wrong, beside what still does. */
  strike(): void;
  readonly counts: Readonly<Record<Disturbance, number>>;
  /** Returns when everything stands again. Throws where something did not. */
  settle(): Promise<void>;
}

/** Gateways are killed nearly as often as all else goes wrong together. */
const CYCLE: readonly Disturbance[] = [...DISTURBANCES, ...Array.from({ length: 4 }, () => 'kill' as const)];

const NONE: Readonly<Record<Disturbance, number>> = {
  kill: 0,
  crash_postgres: 0,
  flush_redis: 0,
  kill_redis: 0,
  cut: 0,
  delay: 0,
  lose_answers: 0,
};

/** Those that are not of one gateway. */
type OfAll = 'crash_postgres' | 'flush_redis' | 'kill_redis';

export function createDisturber(random: SeededRandom, { fleet, postgres, redis }: Stage): Disturber {
  const counts: Record<Disturbance, number> = { ...NONE };
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const disturbed = new Set<Member | OfAll>();
  let order: Disturbance[] = [];
  const ofAll: { readonly [D in OfAll]: () => Promise<void> } = {
    crash_postgres: () => postgres.crash(),
    flush_redis: async () => {
      // It may be away.
      await redis.client.flushall().catch(() => undefined);
    },
    kill_redis: async () => {
      await redis.kill();
      await delay(100 + random.below(1_000));
      await redis.start();
    },
  };

  async function disturb(kind: Disturbance, what: Member | OfAll, work: () => Promise<void>): Promise<void> {
    if (disturbed.has(what)) return;
    counts[kind]++;
    disturbed.add(what);
    await work().finally(() => disturbed.delete(what));
  }

  function next(): Promise<void> {
    if (order.length === 0) order = shuffled(random, CYCLE);
    const kind = order.pop() ?? 'kill';
    if (isOfAll(kind)) return disturb(kind, kind, ofAll[kind]);
    const quiet = fleet.members.filter((member) => !disturbed.has(member));
    // One gateway is always left alone, so that the load goes on.
    if (quiet.length < 2) return Promise.resolve();
    const member = random.pick(quiet);
    return disturb(kind, member, () => OF_ONE[kind](member, random));
  }

  return {
    strike: () => {
      const work = next()
        .catch((error: unknown) => failures.push(error))
        .then(() => undefined)
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    counts,
    settle: async () => {
      await Promise.all(underWay);
      if (failures.length > 0) throw failures[0];
    },
  };
}

function isOfAll(kind: Disturbance): kind is OfAll {
  return kind === 'crash_postgres' || kind === 'flush_redis' || kind === 'kill_redis';
}

const OF_ONE: {
  readonly [D in Exclude<Disturbance, OfAll>]: (member: Member, random: SeededRandom) => Promise<void>;
} = {
  kill: (member) => member.killAndRestart(),
  cut: ({ proxy }, random) => lasting(proxy.mend, 50 + random.below(500), () => proxy.cut()),
  delay: ({ proxy }, random) => {
    const milliseconds = 5 + random.below(150);
    return lasting(proxy.mend, 200 + random.below(800), () => proxy.delay(milliseconds));
  },
  lose_answers: ({ proxy }, random) => lasting(proxy.mend, 10 + random.below(200), () => proxy.loseAnswers()),
};

async function lasting(mend: () => void, milliseconds: number, begin: () => void): Promise<void> {
  begin();
  await delay(milliseconds);
  mend();
}

function shuffled(random: SeededRandom, kinds: readonly Disturbance[]): Disturbance[] {
  return kinds
    .map((kind) => ({ kind, place: random.below(1_000_000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ kind }) => kind);
}
