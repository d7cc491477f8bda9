// Owns the check of freezes: from when one was answered until it was lifted nothing that it covers was signed, and it took the votes of
// several people to lift it.
import type { Ask } from './ask.ts';
import { ADMINS, UNFREEZE_QUORUM } from './crew.ts';
import type { Evidence, PutFreeze, RecordedFreezing } from './evidence.ts';
import { COMPUTE_BUDGET } from './freezing.ts';

/** How soon a freeze counts on every gateway. */
const EFFECTIVE_MS = 1_000;

interface Step {
  readonly what: 'was to be signed' | 'was signed';
  readonly sequence: bigint;
  readonly requestId: string;
  readonly time: number;
}

export function checkFreezes({ asks, requests, signatures, trail, freezes }: Evidence): readonly string[] {
  const askOf = new Map(requests.map(({ requestId, ask }) => [requestId, asks[ask]]));
  const steps: readonly Step[] = [
    ...trail.intents.map((intent) => ({ ...intent, what: 'was to be signed' as const })),
    ...signatures.map((signature) => ({ ...signature, what: 'was signed' as const })),
  ];
  const historyOf = Map.groupBy(trail.freezes, ({ freezeId }) => freezeId);
  return [
    ...freezes.flatMap((freeze) => {
      const covered = steps.filter(({ requestId }) => covers(freeze, askOf.get(requestId)));
      return checkFreeze(freeze, historyOf.get(freeze.freezeId) ?? [], covered);
    }),
    ...[...historyOf].flatMap(([freezeId, history]) => checkLift(freezeId, history)),
  ];
}

/** By the order of the chain, and by the clock of whoever froze. */
function checkFreeze(
  freeze: PutFreeze,
  history: readonly RecordedFreezing[],
  steps: readonly Step[],
): readonly string[] {
  const { freezeId, scope, target, answeredAt, liftAskedAt } = freeze;
  const set = history.find(({ kind }) => kind === 'freeze.set')?.sequence;
  if (set === undefined) return [`the freeze ${freezeId} was answered, and is not recorded`];
  const lifted = history.find(({ kind }) => kind === 'freeze.lifted')?.sequence;
  const under = steps.filter(({ sequence, time }) => {
    const inChain = sequence > set && (lifted === undefined || sequence < lifted);
    const inTime = time > answeredAt + EFFECTIVE_MS && (liftAskedAt === null || time < liftAskedAt);
    return inChain || inTime;
  });
  return [
    ...(lifted === undefined ? [`the freeze ${freezeId} of ${scope} ${target} was never lifted`] : []),
    ...under.map((step) => `${step.requestId} ${step.what} at ${step.sequence} under the freeze of ${scope} ${target}`),
  ];
}

/** What is certain: everything here is of one wallet, and a transfer of SOL. */
function covers({ scope, target }: PutFreeze, ask: Ask | undefined): boolean {
  if (ask === undefined) return false;
  switch (scope) {
    case 'all':
    case 'wallet':
      return true;
    case 'agent':
      return ask.agent === target;
    case 'program':
      return target !== COMPUTE_BUDGET || ask.isDoomed;
  }
}

function checkLift(freezeId: string, history: readonly RecordedFreezing[]): readonly string[] {
  const lifted = history.find(({ kind }) => kind === 'freeze.lifted');
  if (lifted === undefined) return [];
  const votes = history.filter(({ kind, sequence }) => kind === 'freeze.lift_voted' && sequence < lifted.sequence);
  const voters = new Set(votes.map(({ by }) => by).filter((by) => ADMINS.some((admin) => admin === by)));
  return voters.size >= UNFREEZE_QUORUM && voters.size === votes.length
    ? []
    : [
        `the freeze ${freezeId} was lifted by ${votes.map(({ by }) => by).join(' and ')}, and it takes ${UNFREEZE_QUORUM}`,
      ];
}
