// Owns the ways in which the fakes of remote services misbehave on request. A fake does each as the real service would show it.

export const SIGNER_MISBEHAVIOURS = [
  /** Answers right, but only after 400 ms. */
  'slow',
  /** Takes the call and never answers. */
  'hangs',
  /** Refuses connections. */
  'away',
  /** The service's own answer for too many requests, with its hint how long to wait. */
  'rate_limited',
  /** The service's own fault. */
  'server_error',
  /** Closes the connection in the middle of its answer. */
  'truncated',
  /** An answer that is no answer of this service at all. */
  'nonsense',
  /** An answer larger than any right one (20 MB). */
  'huge',
  /** 64 bytes that verify over nothing. */
  'wrong_signature',
  /** The right key, over other bytes. */
  'other_message',
  /** The right bytes, by another key. */
  'other_key',
  /** Success, and no signature in it. */
  'no_signature',
  /** The service says no: its own policy, for good. */
  'refuses',
  /** The credentials are not good any more. */
  'wrong_credentials',
  /** Signs, and then loses the answer: the connection ends without one. */
  'signs_and_is_lost',
] as const;

export type SignerMisbehaviour = (typeof SIGNER_MISBEHAVIOURS)[number];

/** Of calls that make, bring, destroy or give out a key. `signs_and_is_lost`: does that, and then loses the answer. */
export const CREATOR_MISBEHAVIOURS = [
  'slow',
  'hangs',
  'away',
  'rate_limited',
  'server_error',
  'truncated',
  'nonsense',
  'huge',
  'refuses',
  'wrong_credentials',
  'signs_and_is_lost',
] as const satisfies readonly SignerMisbehaviour[];

export type CreatorMisbehaviour = (typeof CREATOR_MISBEHAVIOURS)[number];
