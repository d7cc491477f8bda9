// Owns the newest blockhash for a short while: many requests a second share one question to the cluster.
import type { LatestBlockhash } from '../chain-reader.ts';

export interface BlockhashCacheOptions {
  /** Asks the cluster. */
  readonly load: () => Promise<LatestBlockhash>;
  /** Milliseconds, counted from when it was asked for. */
  readonly maxAgeMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Returns the newest blockhash, at most `maxAgeMs` old. Callers that come while the cluster is being asked share the
 * answer, or the failure; a failure is not kept.
 */
export function createBlockhashCache(options: BlockhashCacheOptions): () => Promise<LatestBlockhash> {
  let kept: { readonly askedAt: number; readonly answer: Promise<LatestBlockhash> } | null = null;
  return () => {
    const now = options.now();
    if (kept !== null && now - kept.askedAt <= options.maxAgeMs) return kept.answer;
    const asked = { askedAt: now, answer: options.load() };
    kept = asked;
    asked.answer.catch(() => {
      if (kept === asked) kept = null;
    });
    return asked.answer;
  };
}
