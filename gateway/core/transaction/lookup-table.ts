// Owns reading address lookup tables from their bytes on chain.
import type { Address } from '../address.ts';
import { addressAt } from '../base58.ts';
import type { AccountState } from '../effects/chain-facts.ts';
import type { LookupTable } from './decoded-transaction.ts';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from './programs/program-ids.ts';

/** Size in bytes of a table without entries. */
export const LOOKUP_TABLE_META_SIZE = 56;
export const LOOKUP_TABLE_ENTRY_SIZE = 32;

const INITIALIZED = 1;
const NEVER = 0xffff_ffff_ffff_ffffn;

export interface LookupTableState {
  /** For good: it grows no more, and can be closed after a while. */
  readonly deactivated: boolean;
}

/**
 * `null` when it is no lookup table.
 * Layout: u32 state, u64 deactivation slot, u64 last extended slot, u8 start index, option of authority; entries from byte 56.
 */
export function readLookupTableState({ owner, data }: AccountState): LookupTableState | null {
  if (owner !== ADDRESS_LOOKUP_TABLE_PROGRAM || data.length < LOOKUP_TABLE_META_SIZE) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0, true) !== INITIALIZED) return null;
  return { deactivated: view.getBigUint64(4, true) !== NEVER };
}

/** The entries of a table; `null` when it is none, or one that was deactivated. */
export function readLookupTable(account: AccountState | null): LookupTable | null {
  if (account === null || readLookupTableState(account)?.deactivated !== false) return null;
  const { data } = account;
  if ((data.length - LOOKUP_TABLE_META_SIZE) % LOOKUP_TABLE_ENTRY_SIZE !== 0) return null;
  const addresses: Address[] = [];
  for (let offset = LOOKUP_TABLE_META_SIZE; offset < data.length; offset += LOOKUP_TABLE_ENTRY_SIZE) {
    addresses.push(addressAt(data, offset));
  }
  return { addresses };
}
