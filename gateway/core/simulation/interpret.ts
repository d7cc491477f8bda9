// Owns what an answer to a simulation means: which instructions ran, what they did, and what does not fit.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { ChainFacts } from '../effects/chain-facts.ts';
import { computeEffects } from '../effects/compute-effects.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';
import type { DescribedPrograms } from '../transaction/programs/decode-instruction.ts';
import { findDivergences } from './divergence.ts';
import { ImpossibleCalls, type RanInstruction, ranInstructions } from './inner-instructions.ts';
import { simulatedEffects } from './simulated-effects.ts';
import type { Simulation } from './simulation.ts';
import type { SimulationAnswer } from './simulation-answer.ts';

export interface SimulatedTransaction {
  readonly decoded: DecodedTransaction;
  readonly wallet: Address;
  /** Of all accounts of the transaction; what is not among them cannot be compared, and `missing` says so. */
  readonly facts: ChainFacts;
  readonly described: DescribedPrograms;
}

type Succeeded = Extract<SimulationAnswer, { readonly status: 'succeeded' }>;

export function interpretSimulation(answer: SimulationAnswer, simulated: SimulatedTransaction): Simulation {
  switch (answer.status) {
    case 'unavailable':
    case 'failed':
      return answer;
    case 'succeeded':
      return believable(answer, simulated);
    default:
      return assertNever(answer);
  }
}

function believable(answer: Succeeded, simulated: SimulatedTransaction): Simulation {
  const { decoded, described } = simulated;
  try {
    const ran = answer.innerCalls === null ? null : ranInstructions(decoded, answer.innerCalls, described);
    return succeeded(answer, simulated, ran);
  } catch (error) {
    if (error instanceof ImpossibleCalls) return { status: 'unavailable', reason: error.message };
    throw error;
  }
}

/** Without the calls inside, all that is known is what the message tells. */
function succeeded(
  answer: Succeeded,
  simulated: SimulatedTransaction,
  ran: readonly RanInstruction[] | null,
): Simulation {
  const { decoded, wallet, facts } = simulated;
  const { slot, unitsConsumed, postStates: after } = answer;
  const effects = ran === null ? computeEffects(decoded, wallet, facts) : simulatedEffects(decoded, wallet, facts, ran);
  return {
    status: 'succeeded',
    slot,
    unitsConsumed,
    missing: missingParts(answer, simulated),
    instructions:
      ran?.map(({ depth, instruction }) => ({ depth, instruction })) ??
      decoded.instructions.map((instruction) => ({ depth: 1, instruction })),
    effects,
    divergences: after === null ? [] : findDivergences({ wallet, facts, after, effects }),
  };
}

function missingParts(
  { innerCalls, postStates }: Succeeded,
  { decoded, facts }: SimulatedTransaction,
): readonly string[] {
  const changeable = decoded.accounts.filter(({ writable }) => writable).map(({ address }) => address);
  return [
    ...(innerCalls === null ? ['the node does not tell which instructions ran inside'] : []),
    ...(postStates === null ? ['the node does not tell how it leaves the accounts'] : []),
    ...changeable
      .filter((address) => postStates !== null && !postStates.has(address))
      .map((address) => `how it leaves ${address} is not known`),
    ...changeable
      .filter((address) => !facts.accounts.has(address))
      .map((address) => `how ${address} was before is not known`),
  ];
}
