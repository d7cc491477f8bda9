// Owns the contract of hints between gateways: that something changed, never what. Whoever gets one reads the record.

export const TOPICS = ['audit', 'controls', 'policy'] as const;
export type Topic = (typeof TOPICS)[number];

export interface Hint {
  readonly topics: readonly Topic[];
  /** Ids of requests. */
  readonly requests: readonly string[];
}

/** Any hint may be lost, repeated, late or a lie. */
export interface FanOut {
  /** Tells all others, and not itself. Never throws, and does not wait. */
  publish(hint: Hint): void;
  /** Returns how to stop. */
  onHint(callback: (hint: Hint) => void): () => void;
}
