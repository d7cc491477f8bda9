// Owns the shape of an audit record and of what a stage says when it wants one written.
import type { CanonicalValue } from '../canonical-json.ts';

/** Names of what can happen; append-only. */
export const AUDIT_KINDS = [
  /** A request was judged and denied. */
  'request.denied',
  /** A request was judged and needs approval. */
  'request.approval_required',
  /** The intent to sign: request, decision, input, digest. Committed before a signer is called. */
  'request.signing',
  'request.signed',
  'request.signing_failed',
  'request.submitted',
  'request.confirmed',
  'request.finalized',
  'request.failed',
  'request.expired',
  'request.indeterminate',
  /** An approver voted, or changed a vote to a rejection. */
  'approval.vote',
  'principal.created',
  'principal.disabled',
  'api_key.created',
  'api_key.revoked',
  'wallet.bound',
  'wallet.unbound',
  /** A replica lets another revision decide. */
  'policy.activated',
  /** A bundle of the source, or a chosen revision, was not activated: why. */
  'policy.refused',
  /** An operator kept a bundle, chose a revision, went back, let the source choose again, or set a shadow. */
  'policy.pushed',
  'policy.pinned',
  'policy.followed',
  'policy.shadowed',
  'gateway.started',
  'gateway.stopped',
  'approval.vote_withdrawn',
  /** From now on members of more groups may vote. */
  'approval.escalated',
  'approver_key.registered',
  'approver_key.revoked',
  /** An operator froze something, or voted to lift it; the last vote that it takes lifts it. */
  'freeze.set',
  'freeze.lift_voted',
  'freeze.lifted',
  /** A signed transaction was not sent, and will not be: operators froze what it touches. */
  'request.held',
  'session_key.created',
  /** With all keys that come from it. */
  'session_key.revoked',
  /** The chain shows a transaction that a wallet signed, and that this gateway did not sign. */
  'wallet.moved_elsewhere',
  /** The records up to one that was named are removed; the chain goes on from it. */
  'audit.pruned',
  /** The intent to make or to import the key of a wallet, committed before the backend is asked. */
  'wallet.creation_begun',
  'wallet.created',
  'wallet.imported',
  /** An admin proposed to destroy, export or import, or voted for it. */
  'wallet.action_proposed',
  'wallet.action_voted',
  /** Nothing is signed for it from here on. */
  'wallet.destroyed',
  /** What the backend said of the key of a destroyed wallet. */
  'wallet.key_destroyed',
  /** An admin said that the key of a destroyed wallet was destroyed by hand. */
  'wallet.key_destroyed_by_hand',
  /** Committed before the key is asked for: from here on it counts as given out. */
  'wallet.export_begun',
  /** An admin gave an operator other roles or groups. */
  'operator.changed',
] as const;

export type AuditKind = (typeof AUDIT_KINDS)[number];

export interface AuditEntry {
  readonly kind: AuditKind;
  /** Unix milliseconds by the gateway's clock. */
  readonly time: number;
  /** `null`: not about a request. */
  readonly requestId: string | null;
  /** Who caused it: a principal id, or `gateway`. */
  readonly actor: string;
  /** Bytes stand as hex (digests) or base64 (documents). */
  readonly facts: { readonly [key: string]: CanonicalValue };
}

export interface AuditRecord {
  /** 1, 2, 3, … without a gap. */
  readonly sequence: bigint;
  /** 32 bytes; zeros for the first. */
  readonly previousHash: Uint8Array;
  /** 32 bytes: SHA-256("countersign.audit.v1" NUL, previousHash, sequence as u64 big endian, body). */
  readonly hash: Uint8Array;
  /** Canonical JSON of the entry. */
  readonly body: Uint8Array;
}
