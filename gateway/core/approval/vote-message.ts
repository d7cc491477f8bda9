// Owns what a signed vote signs: bytes that stand for this vote alone, and that are no transaction.
import { type CanonicalValue, canonicalJsonBytes } from '../canonical-json.ts';

/** No message of a transaction begins like this: it would want 99 signatures. */
const DOMAIN = new TextEncoder().encode('countersign.vote.v1\0');

/** A signature that is older is refused, whatever it is for. */
export const SIGNED_VOTE_MAX_AGE_MS = 300_000;
/** How far the clock of whoever signs may be ahead. */
export const SIGNED_VOTE_MAX_AHEAD_MS = 30_000;

export interface SignedVote {
  readonly approvalId: string;
  /** Principal id. */
  readonly approver: string;
  readonly approve: boolean;
  readonly comment: string;
  /** Hex. */
  readonly intentSha256: string;
  /** Unix milliseconds by the clock of whoever signs. */
  readonly time: number;
}

/** "countersign.vote.v1" NUL, then canonical JSON. */
export function voteMessage(vote: SignedVote): Uint8Array {
  const { approvalId, approver, approve, comment, intentSha256, time } = vote;
  const said: CanonicalValue = {
    approval_id: approvalId,
    approve,
    approver,
    comment,
    intent_sha256: intentSha256,
    time: BigInt(time),
  };
  return new Uint8Array([...DOMAIN, ...canonicalJsonBytes(said)]);
}
