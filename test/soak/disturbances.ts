// Owns what goes wrong during a soak: gateways die, Postgres crashes, Redis forgets or dies, connections are cut, slow or lose answers.
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { createDisturber, type Disturber } from './disturber.ts';
import type { Member } from './fleet.ts';
import type { Stage } from './stage.ts';

const DISTURBANCES = [
  'kill',
  'kill_voting',
  'crash_postgres',
  'flush_redis',
  'kill_redis',
  'cut',
  'delay',
  'lose_answers',
] as const;

type Kind = (typeof DISTURBANCES)[number];

/** Gateways are killed nearly as often as all else goes wrong together. */
const CYCLE: readonly Kind[] = [...DISTURBANCES, ...Array.from({ length: 3 }, () => 'kill' as const)];

/** Those that are not of one gateway. */
type OfAll = 'crash_postgres' | 'flush_redis' | 'kill_redis';

/** A gateway that waits for a vote must not be spared what else goes wrong. */
const PATIENCE_MS = 500;

export function disturbStores(random: SeededRandom, { fleet, postgres, redis, ambush }: Stage): Disturber<Kind> {
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
  return createDisturber(random, CYCLE, (kind, isDisturbed) => {
    if (isOfAll(kind)) return { what: kind, work: ofAll[kind] };
    const member = drawMember(random, fleet.members, isDisturbed);
    if (member === null) return null;
    if (kind === 'kill_voting') {
      return { what: member, work: () => ambush.lay(member, delay(PATIENCE_MS)) };
    }
    return { what: member, work: () => OF_ONE[kind](member, random) };
  });
}

/** One gateway is always left alone, so that the load goes on. */
export function drawMember(
  random: SeededRandom,
  members: readonly Member[],
  isDisturbed: (what: object) => boolean,
): Member | null {
  const quiet = members.filter((member) => !isDisturbed(member));
  return quiet.length < 2 ? null : random.pick(quiet);
}

function isOfAll(kind: Kind): kind is OfAll {
  return kind === 'crash_postgres' || kind === 'flush_redis' || kind === 'kill_redis';
}

const OF_ONE: {
  readonly [D in Exclude<Kind, OfAll | 'kill_voting'>]: (member: Member, random: SeededRandom) => Promise<void>;
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
