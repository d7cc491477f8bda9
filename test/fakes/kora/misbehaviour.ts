// Owns the ways in which the fake Kora misbehaves on request.

export const KORA_MISBEHAVIOURS = [
  /** Answers right, after 400 ms. */
  'slow',
  /** Takes the call and never answers. */
  'hangs',
  /** Ends the connection without an answer; nothing was done. */
  'resets',
  /** Signs, and ends the connection without an answer. */
  'signs_and_is_lost',
  /** Another caller used up the rate: what stands before it answers 429. */
  'rate_limited',
  'server_error',
  /** As where its credentials were changed. */
  'unauthorized',
  /** Its own node is away. */
  'node_away',
  'denies',
  /** Denies, and says with which API key and which HMAC it was asked. */
  'repeats_credentials',
  /** Signs another message than it was given (as with Lighthouse), and answers with that. */
  'changed_message',
  /** A signature over nothing. */
  'wrong_signature',
  /** A right signature, but by another key. */
  'other_payer',
  /** 200, and no JSON. */
  'nonsense',
  /** 20 MB. */
  'huge',
  /** Answers the call before. */
  'duplicate',
] as const;

export type KoraMisbehaviour = (typeof KORA_MISBEHAVIOURS)[number];
