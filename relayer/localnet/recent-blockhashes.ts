// Owns the blockhashes that a transaction may name: one a slot, each valid for 150 blocks after its own.
import { randomBytes } from 'node:crypto';
import { encodeBase58 } from './base58.ts';

/** MAX_PROCESSING_AGE of the cluster. */
export const BLOCKHASH_VALID_SLOTS = 150n;
/** How long one is remembered, so that commitments behind the newest slot still find theirs. */
const KEPT_SLOTS = 300n;

export interface RecentBlockhash {
  readonly blockhash: string;
  readonly slot: bigint;
}

export interface RecentBlockhashes {
  /** Makes the blockhash of a new slot. */
  readonly produce: (slot: bigint) => void;
  /** The newest that is not newer than `slot`; the oldest there is while the chain is young. */
  readonly newestAt: (slot: bigint) => RecentBlockhash;
  readonly isValid: (blockhash: string, slot: bigint) => boolean;
  readonly all: () => readonly RecentBlockhash[];
}

export function createRecentBlockhashes(restored: readonly RecentBlockhash[], slot: bigint): RecentBlockhashes {
  const slotOf = new Map(restored.map((entry) => [entry.blockhash, entry.slot]));
  const produce = (at: bigint): void => {
    slotOf.set(encodeBase58(randomBytes(32)), at);
    for (const [blockhash, born] of slotOf) {
      if (born + KEPT_SLOTS >= at) break;
      slotOf.delete(blockhash);
    }
  };
  const all = (): readonly RecentBlockhash[] => [...slotOf].map(([blockhash, at]) => ({ blockhash, slot: at }));
  produce(slot);
  return {
    produce,
    newestAt: (at) => {
      const oldestFirst = all();
      const found = oldestFirst.findLast((entry) => entry.slot <= at) ?? oldestFirst[0];
      if (found === undefined) throw new Error('the local chain has no blockhash: produce() was never called');
      return found;
    },
    isValid: (blockhash, at) => {
      const born = slotOf.get(blockhash);
      return born !== undefined && at <= born + BLOCKHASH_VALID_SLOTS;
    },
    all,
  };
}
