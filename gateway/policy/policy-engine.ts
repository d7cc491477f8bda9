// Owns the contract of the policy engine: bytes of one policy input in, one verdict out.
import type { Verdict } from '../core/decision/decision.ts';
import type { DescribedPrograms } from '../core/transaction/programs/decode-instruction.ts';

export interface Evaluation {
  readonly verdict: Verdict;
  /** Revision of the bundle that decided. */
  readonly bundleRevision: string;
}

export interface PolicyEngine {
  /** Revision of the active bundle. */
  readonly bundleRevision: string;
  /** Programs that the active bundle describes by IDLs: their instructions stand in the input by name. */
  readonly describedPrograms: DescribedPrograms;
  /** Time zones and the like that a bundle asks of the input come here later; the input itself is canonical JSON. */
  evaluate(input: Uint8Array): Evaluation;
}
