// Owns what goes wrong during a soak: gateways die, Postgres crashes, connections are cut, slow or lose answers; each often, in an order
// drawn from the seed.
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../differential/seeded-random.ts';
import type { Fleet, Member } from './fleet.ts';
import type { SoakPostgres } from './postgres.ts';

export const DISTURBANCES = ['kill', 'crash_postgres', 'cut', 'delay', 'lose_answers'] as const;

export type Disturbance = (typeof DISTURBANCES)[number];

export interface Disturber {
  /** Lets the next thing go wrong, beside what still does. */
  strike(): void;
  readonly counts: Readonly<Record<Disturbance, number>>;
  /** Returns when everything stands again. Throws where something did not. */
  settle(): Promise<void>;
}

/** Gateways are killed as often as all else together. */
const CYCLE: readonly Disturbance[] = [
  'kill',
  'kill',
  'kill',
  'kill',
  'crash_postgres',
  'cut',
  'delay',
  'lose_answers',
];

export function createDisturber(random: SeededRandom, fleet: Fleet, postgres: SoakPostgres): Disturber {
  const counts: Record<Disturbance, number> = { kill: 0, crash_postgres: 0, cut: 0, delay: 0, lose_answers: 0 };
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const disturbed = new Set<Member>();
  let crashing = false;
  let order: Disturbance[] = [];

  async function crashPostgres(): Promise<void> {
    if (crashing) return;
    crashing = true;
    counts.crash_postgres++;
    await postgres.crash().finally(() => {
      crashing = false;
    });
  }

  async function disturb(kind: Exclude<Disturbance, 'crash_postgres'>, member: Member): Promise<void> {
    counts[kind]++;
    disturbed.add(member);
    try {
      await DO[kind](member, random);
    } finally {
      disturbed.delete(member);
    }
  }

  function next(): Promise<void> {
    if (order.length === 0) order = shuffled(random, CYCLE);
    const kind = order.pop() ?? 'kill';
    if (kind === 'crash_postgres') return crashPostgres();
    const quiet = fleet.members.filter((member) => !disturbed.has(member));
    // One gateway is always left alone, so that the load goes on.
    return quiet.length < 2 ? Promise.resolve() : disturb(kind, random.pick(quiet));
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

const DO: {
  readonly [D in Exclude<Disturbance, 'crash_postgres'>]: (member: Member, random: SeededRandom) => Promise<void>;
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
