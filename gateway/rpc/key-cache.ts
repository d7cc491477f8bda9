// Owns what is remembered of API keys, known and unknown, for a moment and in bounded memory.
import type { Principal } from '../core/principal/principal.ts';

export interface KnownKey {
  readonly principal: Principal;
  /** SHA-256 of the secret. */
  readonly secretHash: Uint8Array;
}

export interface KeyCache {
  /** `null`: no such key that is valid. Rejects when the store cannot answer; that is not remembered. */
  get(keyId: string): Promise<KnownKey | null>;
}

interface Entry {
  readonly expiresAt: number;
  readonly answer: Promise<KnownKey | null>;
}

export function createKeyCache(options: {
  readonly find: (keyId: string) => Promise<KnownKey | null>;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly maxAgeMs: number;
  /** Of known and of unknown keys each, so that made-up ids never push out a known one. */
  readonly maxEntries: number;
}): KeyCache {
  const known = new Map<string, Entry>();
  const others = new Map<string, Entry>();

  function remember(entries: Map<string, Entry>, keyId: string, entry: Entry): void {
    entries.delete(keyId);
    entries.set(keyId, entry);
    if (entries.size <= options.maxEntries) return;
    const oldest = entries.keys().next();
    if (oldest.done !== true) entries.delete(oldest.value);
  }

  function look(keyId: string): Promise<KnownKey | null> {
    // Counted from the question on: an answer is never older than maxAgeMs, however long it took.
    const expiresAt = options.now() + options.maxAgeMs;
    const answer = options.find(keyId);
    const entry = { expiresAt, answer };
    remember(others, keyId, entry);
    answer.then(
      (found) => {
        if (found === null) return;
        if (others.get(keyId) === entry) others.delete(keyId);
        remember(known, keyId, entry);
      },
      () => {
        if (others.get(keyId) === entry) others.delete(keyId);
      },
    );
    return answer;
  }

  return {
    get(keyId) {
      const entry = known.get(keyId) ?? others.get(keyId);
      if (entry !== undefined && options.now() < entry.expiresAt) return entry.answer;
      known.delete(keyId);
      return look(keyId);
    },
  };
}
