// Owns the contract of policy control: what operators can see and change of the policy that decides.
import type { Verdict } from '../core/decision/decision.ts';
import type { Operator } from '../core/principal/principal.ts';
import type {
  PolicyReplicaRecord,
  PolicyRevisionRecord,
  PolicySelection,
  ShadowReport,
} from '../state/contract/policy-store.ts';

export interface PolicyStatus {
  /** Of this replica. */
  readonly active: PolicyRevisionRecord;
  readonly selection: PolicySelection;
  /** Label of the source that is followed. */
  readonly source: string;
  readonly replicas: readonly PolicyReplicaRecord[];
}

/**
 * Every method that changes something writes an audit record. Throws GatewayError: BUNDLE_REFUSED (what is wrong with the bundle, or
 * why the revision cannot be activated, by anybody or by an operator who is new), REVISION_NOT_FOUND;
 * ROLE_MISSING and CREDENTIALS_INVALID where the operator may not choose any more when the choice commits.
 */
export interface PolicyControl {
  status(): Promise<PolicyStatus>;
  /** The newest first. */
  revisions(limit: number): Promise<readonly PolicyRevisionRecord[]>;
  /** Verifies (signature, schema, self-test, fixtures) and keeps the bundle, however old it is; activates nothing. */
  push(actor: Operator, archive: Uint8Array): Promise<PolicyRevisionRecord>;
  /** Bytes of the archive. */
  download(revision: string): Promise<Uint8Array>;
  /** Resolves once this replica serves it; the others follow within a second. */
  activate(actor: Operator, revision: string, reason: string): Promise<PolicyRevisionRecord>;
  rollBack(actor: Operator, reason: string): Promise<PolicyRevisionRecord>;
  follow(actor: Operator, reason: string): Promise<void>;
  /** `null`: no shadow. */
  setShadow(actor: Operator, revision: string | null): Promise<void>;
  shadowReport(samples: number): Promise<ShadowReport>;
  /** By a kept revision; `null`: by the active one. JSON text of the explanation, and the verdict. */
  explain(
    input: Uint8Array,
    revision: string | null,
  ): Promise<{ readonly revision: string; readonly verdict: Verdict; readonly explanation: string }>;
}

/**
 * A sentence for each approval that the data of a kept revision ask for, and that operators as they are could not give; at most 20. What
 * rules ask for by themselves is not seen. Throws STORE_UNAVAILABLE.
 */
export type UnmetApprovals = (revision: string) => Promise<readonly string[]>;
