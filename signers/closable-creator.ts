// Owns what all key creators have in common: what they answer without asking anybody, and that they end once.
import type { CreateResult, KeyCreator } from './key-creator.ts';

/** What differs: called only while it is open, and by callers who are still there. */
export type OpenKeyCreator = Omit<KeyCreator, 'close'> & { readonly close: () => void };

type Unavailable = Extract<CreateResult, { readonly kind: 'unavailable' }>;

export function closableCreator(creator: OpenKeyCreator): KeyCreator {
  const { backend, findBy, destroy, export: give, import: bring } = creator;
  let isClosed = false;
  const unasked = (signal: AbortSignal): Unavailable | null => {
    if (isClosed) return { kind: 'unavailable', reason: 'the key creator is closed' };
    return signal.aborted ? { kind: 'unavailable', reason: 'the call was aborted before anything was asked' } : null;
  };
  return {
    backend,
    findBy,
    create: async (label, signal) => unasked(signal) ?? creator.create(label, signal),
    destroy: destroy && (async (key, signal) => unasked(signal) ?? destroy(key, signal)),
    export: give && (async (key, signal) => unasked(signal) ?? give(key, signal)),
    import: bring && (async (label, seed, signal) => unasked(signal) ?? bring(label, seed, signal)),
    check: async (signal) => {
      const reason = unasked(signal)?.reason;
      return reason === undefined ? creator.check(signal) : { kind: 'failed', field: null, reason };
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      creator.close();
    },
  };
}
