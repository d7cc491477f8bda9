// Owns which accounts a transaction loads through lookup tables, as getTransaction reports them.
import type { LiteSvm } from 'litesvm/dist/internal.js';
import { encodeBase58 } from '../base58.ts';
import type { WireMessage } from './wire-message.ts';

/** Size of a lookup table's meta data; the addresses follow. */
const TABLE_META_BYTES = 56;

export interface LoadedAddresses {
  readonly writable: readonly string[];
  readonly readonly: readonly string[];
}

/** Base58 addresses in the runtime's order: all writable of all tables, then all readonly. Unknown ones are left out. */
export function loadedAddresses(svm: LiteSvm, message: WireMessage): LoadedAddresses {
  const writable: string[] = [];
  const readonly: string[] = [];
  for (const lookup of message.lookups) {
    const data = svm.getAccount(lookup.table)?.data() ?? new Uint8Array();
    writable.push(...addressesAt(data, lookup.writable));
    readonly.push(...addressesAt(data, lookup.readonly));
  }
  return { writable, readonly };
}

function addressesAt(data: Uint8Array, indices: Uint8Array): readonly string[] {
  return [...indices]
    .map((index) => TABLE_META_BYTES + 32 * index)
    .filter((offset) => offset + 32 <= data.length)
    .map((offset) => encodeBase58(data.subarray(offset, offset + 32)));
}
