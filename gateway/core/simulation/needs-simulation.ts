// Owns when the message does not tell what a transaction does, so that a simulation of it is worth a question.
import type { Effects } from '../effects/effects.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';

/** Missing facts that say: a program runs of which nothing is known. */
const UNKNOWN_PROGRAM_RUNS: ReadonlySet<string> = new Set(['transfer_hook']);

/** Without `effects`, only whether an instruction is one whose effects are not in its message. */
export function needsSimulation(decoded: DecodedTransaction, effects: Effects | null = null): boolean {
  if (decoded.instructions.some(({ kind }) => kind !== 'known')) return true;
  return effects?.missing.some(({ fact }) => UNKNOWN_PROGRAM_RUNS.has(fact)) === true;
}
