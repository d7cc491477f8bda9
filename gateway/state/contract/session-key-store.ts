// Owns the contract of the session keys of the record.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Limit } from '../../core/decision/decision.ts';
import type { Agent } from '../../core/principal/principal.ts';
import type { Session, SessionMethod } from '../../core/principal/session.ts';

export interface NewSessionKey {
  readonly keyId: string;
  readonly agentId: string;
  readonly secretHash: Uint8Array;
  readonly lineage: readonly string[];
  readonly wallets: readonly string[];
  readonly methods: readonly SessionMethod[];
  readonly limits: readonly Limit[];
  readonly lifetimeMs: number;
  /** Unix milliseconds at which the key that it comes from expires; `null`: it does not. */
  readonly notAfter: number | null;
  /** Whether it is refused, rather than shortened, where it would live longer than that. */
  readonly isLifetimeAsked: boolean;
}

export interface SessionKeyRecord {
  readonly agentId: string;
  readonly session: Session;
  readonly createdAt: number;
  /** Of itself, or of the key that it comes from and that was revoked first; `null`: valid until it expires. */
  readonly revokedAt: number | null;
}

export type CreateSessionKeyResult =
  | { readonly kind: 'created'; readonly record: SessionKeyRecord }
  /** There is no such agent, or it is disabled, or a key that it comes from was revoked meanwhile. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'outlives_parent' }
  /** The agent has as many valid keys as it may have. */
  | { readonly kind: 'too_many' };

export interface SessionKeyFilter {
  /** `null`: of all. */
  readonly agentId: string | null;
  /** Only those that come from this key; `null`: any. */
  readonly under: string | null;
  /** Those that are expired or revoked too. */
  readonly ended: boolean;
}

export interface SessionKeyStore {
  create(key: NewSessionKey, audit: AuditEntry): Promise<CreateSessionKeyResult>;
  /** The newest first, at most 1000. */
  list(filter: SessionKeyFilter): Promise<readonly SessionKeyRecord[]>;
  /** `under`: as in the filter. */
  revoke(keyId: string, under: string | null, audit: AuditEntry): Promise<SessionKeyRecord | 'not_found'>;
  /** As it is now, expired or not. `null`: there is no session key of this id. */
  find(keyId: string): Promise<SessionKeyRecord | null>;
  /** What calls come with: neither expired nor revoked, of an agent that is enabled. Not cached here. */
  findByKey(keyId: string): Promise<PresentedSessionKey | null>;
}

export interface PresentedSessionKey {
  /** With all its wallets. */
  readonly agent: Agent;
  readonly session: Session;
  readonly secretHash: Uint8Array;
}
