// Owns what creators of keys at a service have in common: what they answer without asking it, and that they end once.
import type { CreatedKey, CreateResult, DestroyResult, KeyCreator } from './key-creator.ts';
import type { SignerCheck } from './signer.ts';

/** What differs: how the service is asked. No key leaves it or is brought to it. */
export interface KeyService {
  readonly backend: string;
  readonly create: (label: string, signal: AbortSignal) => Promise<CreateResult>;
  readonly destroy: (key: CreatedKey, signal: AbortSignal) => Promise<DestroyResult>;
  readonly check: (signal: AbortSignal) => Promise<SignerCheck>;
  readonly close: () => void;
}

export function remoteKeyCreator({ backend, create, destroy, check, close }: KeyService): KeyCreator {
  let isClosed = false;
  const unasked = (signal: AbortSignal): string | null =>
    isClosed
      ? 'the creator of keys is closed'
      : signal.aborted
        ? 'the call was aborted before the service was asked'
        : null;
  return {
    backend,
    create: async (label, signal) => unavailable(unasked(signal)) ?? create(label, signal),
    destroy: async (key, signal) => unavailable(unasked(signal)) ?? destroy(key, signal),
    export: null,
    import: null,
    check: async (signal) => {
      const reason = unasked(signal);
      return reason === null ? check(signal) : { kind: 'failed', field: null, reason };
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      close();
    },
  };
}

function unavailable(reason: string | null): { readonly kind: 'unavailable'; readonly reason: string } | null {
  return reason === null ? null : { kind: 'unavailable', reason };
}
