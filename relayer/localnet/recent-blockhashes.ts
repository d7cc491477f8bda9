// Owns the blockhashes that a transaction may name: one a slot, each valid for 150 blocks after its own.
import { randomBytes } from 'node:crypto';
import { encodeBase58 } from '../base58.ts';
import { isRecord, toU64 } from '../json-exact.ts';

/** MAX_PROCESSING_AGE of the cluster. */
export const BLOCKHASH_VALID_SLOTS = 150n;
/** How long one is remembered, so that commitments behind the newest slot still find theirs. */
const KEPT_SLOTS = 300n;

export interface RecentBlockhash {
  readonly blockhash: string;
  readonly slot: bigint;
}

export interface RecentBlockhashes {
  /** Makes a blockhash for every slot up to this one that has none yet; older than 150 slots it would be of no use. */
  readonly produceUntil: (slot: bigint) => void;
  /** The newest that is not newer than `slot`; the oldest there is when all are. */
  readonly newestAt: (slot: bigint) => RecentBlockhash;
  readonly isValid: (blockhash: string, slot: bigint) => boolean;
  /** Oldest first. */
  readonly all: () => readonly RecentBlockhash[];
}

export function createRecentBlockhashes(restored: readonly RecentBlockhash[]): RecentBlockhashes {
  let entries = [...restored];
  const slotOf = new Map(entries.map((entry) => [entry.blockhash, entry.slot]));
  const produceUntil = (slot: bigint): void => {
    const earliestUseful = slot - BLOCKHASH_VALID_SLOTS;
    const next = (entries.at(-1)?.slot ?? 0n) + 1n;
    for (let at = next > earliestUseful ? next : earliestUseful; at <= slot; at++) {
      const blockhash = encodeBase58(randomBytes(32));
      entries.push({ blockhash, slot: at });
      slotOf.set(blockhash, at);
    }
    const firstKept = entries.findIndex((entry) => entry.slot + KEPT_SLOTS >= slot);
    for (const { blockhash } of entries.slice(0, firstKept)) slotOf.delete(blockhash);
    entries = entries.slice(firstKept);
  };
  return {
    produceUntil,
    newestAt: (slot) => {
      const found = entries.findLast((entry) => entry.slot <= slot) ?? entries[0];
      if (found === undefined) throw new Error('the local chain has no blockhash: produceUntil was never called');
      return found;
    },
    isValid: (blockhash, slot) => {
      const born = slotOf.get(blockhash);
      return born !== undefined && slot <= born + BLOCKHASH_VALID_SLOTS;
    },
    all: () => entries,
  };
}

/** Out of a state file; `null`: it is none. */
export function parseBlockhash(value: unknown): RecentBlockhash | null {
  const slot = isRecord(value) ? toU64(value.slot) : undefined;
  if (!isRecord(value) || typeof value.blockhash !== 'string' || slot === undefined) return null;
  return { blockhash: value.blockhash, slot };
}
