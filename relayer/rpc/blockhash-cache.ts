// Owns the newest blockhash for a short while: many requests a second share one question to the cluster, and none waits for it.
import type { LatestBlockhash } from '../chain-reader.ts';

export interface BlockhashCacheOptions {
  /** Asks the cluster. */
  readonly load: () => Promise<LatestBlockhash>;
  /** Milliseconds, counted from when it was asked for. */
  readonly maxAgeMs: number;
  /** Age at which the next one is asked for, while this one still serves. */
  readonly refreshAfterMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface BlockhashCache {
  /** At most `maxAgeMs` old. Callers that come while the cluster is being asked share the answer, or the failure. */
  newest(): Promise<LatestBlockhash>;
  /** `null` where there is none that is young enough; then nothing is asked. */
  atHand(): LatestBlockhash | null;
}

interface Kept {
  readonly askedAt: number;
  readonly latest: LatestBlockhash;
}

/** A failure is not kept; what is kept serves on until it is too old. */
export function createBlockhashCache(options: BlockhashCacheOptions): BlockhashCache {
  let kept: Kept | null = null;
  let pending: { readonly askedAt: number; readonly answer: Promise<LatestBlockhash> } | null = null;
  const ask = (now: number): Promise<LatestBlockhash> => {
    if (pending !== null && now - pending.askedAt <= options.maxAgeMs) return pending.answer;
    const asked = { askedAt: now, answer: options.load() };
    pending = asked;
    const settle = (latest: LatestBlockhash | null): void => {
      if (pending === asked) pending = null;
      if (latest !== null && (kept === null || kept.askedAt < now)) kept = { askedAt: now, latest };
    };
    asked.answer.then(settle, () => settle(null));
    return asked.answer;
  };
  const atHand = (now: number): LatestBlockhash | null => {
    const age = kept === null ? Number.POSITIVE_INFINITY : now - kept.askedAt;
    if (kept === null || age > options.maxAgeMs) return null;
    if (age >= options.refreshAfterMs) ask(now).catch(() => undefined);
    return kept.latest;
  };
  return {
    atHand: () => atHand(options.now()),
    newest: async () => {
      const now = options.now();
      return atHand(now) ?? ask(now);
    },
  };
}
