// Owns the contract of what operators have frozen.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Controls, FreezeRecord, FreezeScope } from '../../core/controls/freeze.ts';

export interface ControlStore {
  /** As of the last look; a fraction of a second old while Postgres answers. */
  current(): Controls;
  /** As of the last look where that is no older than half a second, and else of now. */
  recent(): Promise<Controls>;
  /** Looks now. */
  refresh(): Promise<Controls>;
  /** Calls back whenever `current` has become another version; returns how to end it. The callback does not throw. */
  onChange(callback: (controls: Controls) => void): () => void;
  /** Once this returns, nothing is recorded under the controls of before, by any gateway on this database. */
  freeze(freeze: NewFreeze, audit: AuditEntry): Promise<FreezeResult>;
  voteToLift(vote: LiftAsk, audit: AuditEntry, lifted: AuditEntry): Promise<LiftResult>;
  /** In force, or all that ever were; the newest first. */
  list(filter: { readonly lifted: boolean }): Promise<readonly FreezeRecord[]>;
}

export interface LiftAsk {
  readonly freezeId: string;
  readonly operatorId: string;
  readonly reason: string;
  /** Votes of different admins that it takes. */
  readonly quorum: number;
}

export type LiftResult =
  | { readonly kind: 'recorded'; readonly freeze: FreezeRecord }
  | { readonly kind: 'not_found' }
  /** One sentence for the operator. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface NewFreeze {
  readonly freezeId: string;
  readonly scope: FreezeScope;
  /** Empty for `all`. */
  readonly target: string;
  readonly reason: string;
  readonly frozenBy: string;
}

export type FreezeResult =
  | { readonly kind: 'frozen'; readonly freeze: FreezeRecord }
  /** It was frozen before, by this one; nothing was written. */
  | { readonly kind: 'exists'; readonly freeze: FreezeRecord };
