// Owns the external ids of transactions at Fireblocks, which takes each only once and keeps it for good: a request that is made again carries
// the first one's, so that nothing is signed twice and the first one's signature is found.
import { createHash } from 'node:crypto';

export interface ExternalIds {
  /** The same for the same call, also after a restart, and another one for other bytes. */
  readonly of: (idempotencyKey: string, messageBytes: Uint8Array) => string;
  /** The transaction ended without a signature, for good: who asks again wants another one. */
  readonly renew: (idempotencyKey: string) => void;
}

/** Calls that ended so and are asked again: the oldest are forgotten, and then end once more before they are renewed. */
const MAX_KEPT = 10_000;

/** `scope`: what else the signature depends on, such as the vault account. */
export function createExternalIds(scope: readonly string[]): ExternalIds {
  const renewals = new Map<string, number>();
  return {
    of: (idempotencyKey, messageBytes) => {
      const message = createHash('sha256').update(messageBytes).digest('hex');
      const parts = [...scope, idempotencyKey, renewals.get(idempotencyKey) ?? 0, message];
      return `countersign-${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
    },
    renew: (idempotencyKey) => {
      const renewed = (renewals.get(idempotencyKey) ?? 0) + 1;
      renewals.delete(idempotencyKey);
      renewals.set(idempotencyKey, renewed);
      for (const oldest of renewals.keys()) {
        if (renewals.size <= MAX_KEPT) break;
        renewals.delete(oldest);
      }
    },
  };
}
