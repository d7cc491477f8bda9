// Owns slot numbers: they come from the wall clock, so that they keep growing when the local chain is restarted.
import type { Commitment } from '../chain-reader.ts';

/** Slot 0 of every local chain. */
const FIRST_SLOT_AT = Date.UTC(2026, 0, 1);
/** Block height stays below the slot, as on a cluster that skipped some: who confuses the two is found out. */
const SKIPPED_SLOTS = 1000n;

export interface SlotClock {
  readonly slotMilliseconds: number;
  /** The slot of a commitment; processed is the newest. */
  readonly slot: (commitment: Commitment) => bigint;
  readonly blockHeight: (commitment: Commitment) => bigint;
  /** Unix milliseconds at which a slot began; of one from before slots were skipped, earlier by what they would have taken. */
  readonly timeOf: (slot: bigint) => number;
  /** Moves to the wall clock's slot, never back. True when the slot is another than before. */
  readonly advance: () => boolean;
  /** From now on this many slots ahead of the wall clock. Seen by the next `advance`. */
  readonly skip: (slots: bigint) => void;
  /** Milliseconds until the next slot begins. */
  readonly untilNextSlot: () => number;
  /** How many slots behind the newest a commitment is. */
  readonly depth: (commitment: Commitment) => bigint;
}

export interface SlotClockOptions {
  readonly slotMilliseconds: number;
  readonly finalitySlots: number;
  /** The clock starts no earlier than here. */
  readonly notBefore: bigint;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createSlotClock(options: SlotClockOptions): SlotClock {
  const { slotMilliseconds, now } = options;
  const depths = { processed: 0n, confirmed: 1n, finalized: BigInt(options.finalitySlots) };
  const wallSlot = (): bigint => BigInt(Math.floor((now() - FIRST_SLOT_AT) / slotMilliseconds));
  let ahead = options.notBefore > wallSlot() ? options.notBefore - wallSlot() : 0n;
  let current = wallSlot() + ahead;
  const slot = (commitment: Commitment): bigint => current - depths[commitment];
  return {
    slotMilliseconds,
    slot,
    blockHeight: (commitment) => slot(commitment) - SKIPPED_SLOTS,
    timeOf: (at) => FIRST_SLOT_AT + Number(at - ahead) * slotMilliseconds,
    advance: () => {
      const next = wallSlot() + ahead;
      if (next <= current) return false;
      current = next;
      return true;
    },
    skip: (slots) => {
      ahead += slots;
    },
    untilNextSlot: () => slotMilliseconds - ((now() - FIRST_SLOT_AT) % slotMilliseconds),
    depth: (commitment) => depths[commitment],
  };
}

/** The block height at a slot. */
export function blockHeightAt(slot: bigint): bigint {
  return slot - SKIPPED_SLOTS;
}
