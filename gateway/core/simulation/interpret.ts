// Owns what an answer to a simulation means: which instructions ran, what they did, and what does not fit.
import type { Address } from '../address.ts';
import type { ChainFacts } from '../effects/chain-facts.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';
import type { DescribedPrograms } from '../transaction/programs/decode-instruction.ts';
import type { Simulation } from './simulation.ts';
import type { SimulationAnswer } from './simulation-answer.ts';

export interface SimulatedTransaction {
  readonly decoded: DecodedTransaction;
  readonly wallet: Address;
  /** Of all writable accounts of the transaction. */
  readonly facts: ChainFacts;
  readonly described: DescribedPrograms;
}

export function interpretSimulation(answer: SimulationAnswer, _simulated: SimulatedTransaction): Simulation {
  if (answer.status === 'succeeded') return { status: 'unavailable', reason: 'not read yet' };
  return answer;
}
