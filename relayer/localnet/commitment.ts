// Owns the order of the three commitment levels.
import type { Commitment } from '../chain-reader.ts';

const COMMITMENTS: readonly Commitment[] = ['processed', 'confirmed', 'finalized'];

/** Whether `reached` satisfies a caller who asked for `wanted`. */
export function satisfies(reached: Commitment, wanted: Commitment): boolean {
  return COMMITMENTS.indexOf(reached) >= COMMITMENTS.indexOf(wanted);
}

/** `value` as a commitment, or undefined when it is none. */
export function toCommitment(value: unknown): Commitment | undefined {
  return COMMITMENTS.find((commitment) => commitment === value);
}
