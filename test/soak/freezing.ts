// Owns that things are frozen and lifted while the load runs: at any gateway, again until it is answered, with the votes that lifting takes.
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { AdminService, FreezeScope } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { WALLET } from '../../scripts/dev/policy-data.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { ADMINS, AGENT_IDS, OPERATOR_IDS, type OperatorId } from './crew.ts';
import { createDisturber, type Disturber } from './disturber.ts';
import type { PutFreeze } from './evidence.ts';
import { type Insisting, insist } from './insist.ts';

const SYSTEM = '11111111111111111111111111111111';
export const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111';

/** What stops everybody comes less often, so that the limits are met all the same. */
const CYCLE = ['agent', 'agent', 'agent', 'agent', 'wallet', 'program', 'all'] as const;

type Kind = (typeof CYCLE)[number];

const SCOPES: { readonly [K in Kind]: FreezeScope } = {
  agent: FreezeScope.AGENT,
  wallet: FreezeScope.WALLET,
  program: FreezeScope.PROGRAM,
  all: FreezeScope.ALL,
};

const AGENT_MS = 1_500;
const ALL_MS = 500;
/** What stops everybody rests so many times as long as it lasted: on a slow machine a lift takes long. */
const REST = 3;

export interface Freezing extends Disturber<Kind> {
  readonly put: readonly PutFreeze[];
  /** Returns when nothing that stops everybody is frozen. */
  thaw(): Promise<void>;
}

export function freezeAtRandom(calling: Insisting, faults: string[]): Freezing {
  const { random } = calling;
  const put: PutFreeze[] = [];
  let restsUntil = 0;
  let thawing: Promise<void> = Promise.resolve();
  const disturber = createDisturber(random, CYCLE, (scope) => {
    const target = targetOf(random, scope);
    const stopsAll = scope !== 'agent' && target !== COMPUTE_BUDGET;
    if (stopsAll && performance.now() < restsUntil) return null;
    return {
      what: `${scope} ${target}`,
      work: async () => {
        const began = performance.now();
        const ending = freezeAndLift(scope, target).catch((error: unknown) => {
          faults.push(`while ${scope} ${target} was frozen: ${String(error)}`);
        });
        if (!stopsAll) return ending;
        thawing = ending;
        restsUntil = Number.POSITIVE_INFINITY;
        await ending;
        const ended = performance.now();
        restsUntil = ended + REST * (ended - began);
      },
    };
  });
  async function freezeAndLift(scope: Kind, target: string): Promise<void> {
    const freezeId = await freeze(calling, scope, target);
    const made: PutFreeze = { freezeId, scope, target, answeredAt: Date.now(), liftAskedAt: null };
    const at = put.push(made) - 1;
    await delay(random.below(scope === 'agent' ? AGENT_MS : ALL_MS));
    await lift(calling, faults, freezeId, (liftAskedAt) => {
      put[at] = { ...made, liftAskedAt };
    });
  }

  return { ...disturber, put, thaw: () => thawing };
}

function targetOf(random: SeededRandom, scope: Kind): string {
  switch (scope) {
    case 'agent':
      return random.pick(AGENT_IDS);
    case 'wallet':
      return WALLET;
    case 'program':
      return random.pick([SYSTEM, COMPUTE_BUDGET, COMPUTE_BUDGET]);
    case 'all':
      return '';
  }
}

/** Admins and approvers may. */
async function freeze(calling: Insisting, scope: Kind, target: string): Promise<string> {
  const asked = { scope: SCOPES[scope], target, reason: 'drill' };
  const { freeze: made } = await insist(calling, calling.random.pick(OPERATOR_IDS), (to, options) =>
    to.unary(AdminService.method.freeze, asked, options),
  );
  return made?.freezeId ?? '';
}

/** `asked`: is told when the vote is cast that can lift it. */
async function lift(
  calling: Insisting,
  faults: string[],
  freezeId: string,
  asked: (time: number) => void,
): Promise<void> {
  const first = calling.random.pick(ADMINS);
  const second = calling.random.pick(ADMINS.filter((admin) => admin !== first));
  const isLifted = await voteToLift(calling, first, freezeId);
  if (isLifted) faults.push(`the vote of ${first} alone lifted the freeze ${freezeId}`);
  if (calling.random.chance(20) && (await voteToLift(calling, first, freezeId))) {
    faults.push(`the freeze ${freezeId} was lifted by two votes of ${first}`);
  }
  asked(Date.now());
  if (!(await voteToLift(calling, second, freezeId)) && (await isInForce(calling, freezeId))) {
    faults.push(`the freeze ${freezeId} is in force, though ${first} and ${second} voted to lift it`);
  }
}

/** True: this vote lifted it. A vote that is refused was counted before. */
async function voteToLift(calling: Insisting, admin: OperatorId, freezeId: string): Promise<boolean> {
  const { unfreeze } = AdminService.method;
  try {
    const { freeze: after } = await insist(calling, admin, (to, options) =>
      to.unary(unfreeze, { freezeId, reason: 'drill over' }, options),
    );
    return after?.liftTime !== undefined;
  } catch (error) {
    if (error instanceof GatewayFault && error.reason === 'VOTE_REFUSED') return false;
    throw error;
  }
}

async function isInForce(calling: Insisting, freezeId: string): Promise<boolean> {
  const { listFreezes } = AdminService.method;
  const { freezes } = await insist(calling, ADMINS[0], (to, options) => to.unary(listFreezes, {}, options));
  return freezes.some((each) => each.freezeId === freezeId);
}
