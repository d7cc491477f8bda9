// Owns the contract of the policy engine: bytes of one policy input in, one verdict out, all by one revision.
import type { Verdict } from '../core/decision/decision.ts';
import type { DescribedPrograms } from '../core/transaction/programs/decode-instruction.ts';

/** One revision of the policy, whole: what a pass began with it ends with, whatever is activated meanwhile. */
export interface PolicyGeneration {
  readonly bundleRevision: string;
  /** Programs that the bundle describes by IDLs: their instructions stand in the input by name. */
  readonly describedPrograms: DescribedPrograms;
  /** IANA names of the time zones that the bundle's data names: the input says the time in each. */
  readonly timeZones: readonly string[];
  /** Tokens that the bundle's data name, by mint. Nobody has checked them against the chain. */
  readonly assets: ReadonlyMap<string, NamedAsset>;
  /** Who is in the groups of agents that the bundle's data name; `null`: data of another shape, which do not tell. */
  readonly agentGroups: readonly AgentGroup[] | null;
  /** Never throws: what fails is a denial. */
  evaluate(input: Uint8Array): Verdict;
  /** JSON text: what each rule said (docs/policies.md); `null` where the bundle was built without it, or fails. */
  explain(input: Uint8Array): string | null;
}

export interface NamedAsset {
  readonly symbol: string;
  readonly decimals: number;
}

/** A limit of this group counts what the agent does with the wallet. */
export interface AgentGroup {
  readonly group: string;
  readonly agentId: string;
  readonly walletId: string;
}

export interface PolicyEngine {
  /** The active revision. Ask once for each pass. */
  current(): PolicyGeneration;
}

/** Told of each verdict, on the way to its answer: it must be quick. What it throws is ignored. */
export type Judged = (input: Uint8Array, verdict: Verdict, generation: PolicyGeneration) => void;
