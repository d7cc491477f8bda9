// Owns what goes wrong between gateways and chain: each node of the gateways has every fault by turns, and gateways are killed meanwhile.
import type { FaultKind } from '../../relayer/localnet/faults.ts';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { drawMember } from './disturbances.ts';
import { createDisturber, type Disturber } from './disturber.ts';
import type { Stage } from './stage.ts';

type Kind = FaultKind | 'kill';

/** Nodes that lie: two of three must agree on what counts, so there is never more than one. */
const LIES: readonly FaultKind[] = ['lag', 'wrongSlot', 'denyStatus', 'failStatus', 'claimStatus'];

/** More than a blockhash lives and a landing takes to be final: all that is under way is decided while a node lies about it. */
const LIFETIME_SLOTS = 200;

const FAULTS: { readonly [K in FaultKind]: (random: SeededRandom) => object } = {
  hang: () => ({}),
  rateLimit: () => ({ seconds: 1 }),
  serverError: () => ({}),
  loseAnswer: () => ({}),
  slow: (random) => ({ milliseconds: 50 + random.below(800) }),
  lag: (random) => ({ slots: 1 + random.below(200) }),
  wrongSlot: (random) => ({ slots: (random.chance(50) ? 1 : -1) * (1 + random.below(400)) }),
  staleBlockhash: (random) => ({ slots: 100 + random.below(50) }),
  denyStatus: () => ({}),
  failStatus: () => ({}),
  claimStatus: () => ({}),
  drop: () => ({ method: 'sendTransaction' }),
  forkAway: (random) => ({ method: 'sendTransaction', slots: 1 + random.below(28) }),
};

const KINDS: readonly FaultKind[] = [
  'hang',
  'rateLimit',
  'serverError',
  'loseAnswer',
  'slow',
  'lag',
  'wrongSlot',
  'staleBlockhash',
  'denyStatus',
  'failStatus',
  'claimStatus',
  'drop',
  'forkAway',
];

/** A gateway is killed for every three faults; what is sent comes to nothing more often than the rest goes wrong. */
const CYCLE: readonly Kind[] = [...KINDS, 'drop', 'forkAway', 'loseAnswer', 'kill', 'kill', 'kill', 'kill'];

export function disturbRelaying(random: SeededRandom, { fleet, nodes, environment }: Stage): Disturber<Kind> {
  let liar: object | null = null;
  const facades = nodes.map((url) => ({ url }));
  return createDisturber(random, CYCLE, (kind, isDisturbed) => {
    if (kind === 'kill') {
      const member = drawMember(random, fleet.members, isDisturbed);
      return member === null ? null : { what: member, work: () => member.killAndRestart() };
    }
    const quiet = facades.filter((facade) => !isDisturbed(facade));
    const isLie = LIES.includes(kind);
    // One node is always left alone: without any, nothing could be signed.
    if (quiet.length < 2 || (isLie && liar !== null)) return null;
    const facade = random.pick(quiet);
    const description = { kind, ...FAULTS[kind](random) };
    // A lie must last until somebody asks again.
    const strikes = isLie ? 3 + random.below(5) : 1 + random.below(3);
    const isLastMoment = isLie && random.chance(30);
    return {
      what: facade,
      work: async (clock) => {
        if (isLie) liar = facade;
        await rawCall(facade.url, 'localnet_setFault', [description]);
        if (isLastMoment) await rawCall(environment.localnet.rpcUrl, 'localnet_advanceSlots', [LIFETIME_SLOTS]);
        await clock.passed(strikes);
        await rawCall(facade.url, 'localnet_clearFaults', []);
        if (isLie) liar = null;
      },
    };
  });
}
