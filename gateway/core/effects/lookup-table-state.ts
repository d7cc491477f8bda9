// Owns reading from the bytes of an address lookup table how large it is and whether it can still grow.
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from '../transaction/programs/program-ids.ts';
import type { AccountState } from './chain-facts.ts';

/** Size in bytes of a table without entries. */
export const LOOKUP_TABLE_META_SIZE = 56;
export const LOOKUP_TABLE_ENTRY_SIZE = 32;

const INITIALIZED = 1;
const NEVER = 2n ** 64n - 1n;

export interface LookupTableState {
  /** In bytes, entries included. */
  readonly size: number;
  /** For good: it grows no more, and can be closed after a while. */
  readonly deactivated: boolean;
}

/** `null` when it is no lookup table. Layout: u32 state, u64 deactivation slot at 4, …, entries at 56. */
export function readLookupTable(state: AccountState): LookupTableState | null {
  const { data, owner } = state;
  if (owner !== ADDRESS_LOOKUP_TABLE_PROGRAM || data.length < LOOKUP_TABLE_META_SIZE) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== INITIALIZED) return null;
  return { size: data.length, deactivated: view.getBigUint64(4, true) !== NEVER };
}
