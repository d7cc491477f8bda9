// Owns the contract of what the record keeps of policies: bundles by revision, what operators chose, what each replica serves, and
// what a shadow would have decided otherwise.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import type { DecisionDifference } from '../../core/decision/difference.ts';

export type BundleOrigin = 'directory' | 'git' | 'http' | 'push';

/** Bytes of the archive of a bundle, wherever it comes from. */
export const LARGEST_ARCHIVE = 64 * 1024 * 1024;

export interface NewPolicyBundle {
  readonly revision: string;
  /** Gzipped tar file in OPA's bundle format, at most LARGEST_ARCHIVE. */
  readonly archive: Uint8Array;
  readonly archiveDigest: Uint8Array;
  /** SHA-256 of what decides: module, data, IDLs. */
  readonly contentDigest: Uint8Array;
  readonly origin: BundleOrigin;
  readonly gitCommit: string | null;
  /** Unix milliseconds, as the manifest says. */
  readonly builtAt: number | null;
  /** Id of the key that signed it, or `signed commit` where the gateway built it of one; `null`: nobody signed it. */
  readonly signedBy: string | null;
  /** Principal; `null`: a source brought it. */
  readonly pushedBy: string | null;
}

export interface PolicyRevisionRecord extends Omit<NewPolicyBundle, 'archive' | 'contentDigest'> {
  readonly storedAt: number;
  /** `null`: it never decided. */
  readonly firstActiveAt: number | null;
}

export interface PolicySelection {
  /** Counts changes. */
  readonly version: bigint;
  readonly pinnedRevision: string | null;
  readonly followedRevision: string | null;
  readonly shadowRevision: string | null;
  readonly shadowSince: number | null;
  /** Principal that chose last; `null`: nobody has. */
  readonly chosenBy: string | null;
  readonly chosenAt: number | null;
}

export interface PolicyReplicaRecord {
  readonly replica: string;
  readonly revision: string;
  readonly shadowRevision: string | null;
  readonly problem: string | null;
  readonly seenAt: number;
}

export interface ShadowTally {
  readonly kind: 'judged' | 'skipped' | 'failed' | DecisionDifference;
  readonly decisions: bigint;
  /** By asset, base units. */
  readonly exposure: Readonly<Record<string, bigint>>;
}

export interface ShadowSample {
  readonly requestId: string;
  readonly agentId: string;
  readonly walletId: string;
  readonly difference: DecisionDifference;
  readonly active: Verdict;
  readonly shadow: Verdict;
  /** Unix milliseconds. */
  readonly time: number;
}

export interface ShadowReport {
  readonly activeRevision: string;
  readonly shadowRevision: string;
  readonly since: number;
  readonly tallies: readonly ShadowTally[];
  readonly samples: readonly ShadowSample[];
}

export interface PolicyStore {
  /**
   * Keeps it; the same content in another archive (signed anew) replaces that. The same archive once more is no change, except that what
   * a source brings is the source's from then on, and that a push mends what is kept.
   * `revision_reused`: this revision has another content.
   */
  keep(bundle: NewPolicyBundle): Promise<PolicyRevisionRecord | 'revision_reused'>;
  find(revision: string): Promise<PolicyRevisionRecord | null>;
  /** `null`: not kept. Throws when what is kept does not hash to what it should. */
  archive(revision: string): Promise<Uint8Array | null>;
  /** The newest first. */
  list(limit: number): Promise<readonly PolicyRevisionRecord[]>;
  selection(): Promise<PolicySelection>;
  /**
   * Changes only what is given, with the audit record; the next selection has a higher version. `stale`: nothing was changed, because
   * the selection is not `onlyIf` any more.
   */
  select(
    change: Partial<Pick<PolicySelection, 'pinnedRevision' | 'followedRevision' | 'shadowRevision'>>,
    /** `null`: the source chose. */
    chosenBy: string | null,
    audit: AuditEntry | null,
    onlyIf?: bigint,
  ): Promise<PolicySelection | 'stale'>;
  /** Calls back when the selection changed, here or in another process, within half a second; returns how to stop. May call without a change. */
  onSelection(callback: () => void): () => void;
  /** A replica serves it from now on: history and `firstActiveAt`, with the audit record. */
  activated(revision: string, audit: AuditEntry): Promise<void>;
  /** The revision that was activated last before the newest run of `revision`; `null`: none. */
  activeBefore(revision: string): Promise<string | null>;
  /** Whether it ever decided, on any replica. */
  everActive(revision: string): Promise<boolean>;
  /** Says what this replica serves. Those that were not heard of for an hour are forgotten. */
  report(replica: Omit<PolicyReplicaRecord, 'seenAt'>): Promise<void>;
  replicas(): Promise<readonly PolicyReplicaRecord[]>;
  /** Adds to the tallies of a replica, and keeps the newest 1000 samples of a shadow. */
  addShadow(
    run: { readonly replica: string; readonly activeRevision: string; readonly shadowRevision: string },
    tallies: readonly ShadowTally[],
    samples: readonly ShadowSample[],
  ): Promise<void>;
  /** Sums of all replicas, for the shadow against the revision that is active. */
  shadowTallies(activeRevision: string, shadowRevision: string): Promise<readonly ShadowTally[]>;
  /** The newest first. */
  shadowSamples(shadowRevision: string, limit: number): Promise<readonly ShadowSample[]>;
}
