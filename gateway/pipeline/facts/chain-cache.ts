// Owns what was read of the chain and can never change there: entries of lookup tables, decimals of classic mints. Bounded.
import type { Address } from '../../core/address.ts';
import type { AccountState } from '../../core/effects/chain-facts.ts';
import { readMint } from '../../core/effects/token/mint-state.ts';
import type { LookupTable } from '../../core/transaction/decoded-transaction.ts';
import { readLookupTable } from '../../core/transaction/lookup-table.ts';
import { TOKEN_PROGRAM } from '../../core/transaction/programs/program-ids.ts';

export interface CachedTable {
  readonly table: LookupTable;
  /** That it was read at. */
  readonly slot: bigint;
}

export interface CachedDecimals {
  readonly decimals: number;
  readonly slot: bigint;
}

export interface ChainCache {
  table(address: Address): CachedTable | null;
  decimals(mint: Address): CachedDecimals | null;
  /**
   * Takes in what was just read of an account. `contradicts`: it cannot be what it was before, so one of the two answers is a lie; then
   * neither is kept.
   */
  note(address: Address, state: AccountState | null, slot: bigint): 'fits' | 'contradicts';
  /** Of memory, at most, as estimated. */
  readonly bytes: number;
  readonly entries: number;
}

export interface ChainCacheLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

type Entry = { readonly slot: bigint } & (
  | { readonly kind: 'table'; readonly table: LookupTable }
  | { readonly kind: 'mint'; readonly decimals: number }
);

const DEFAULT_LIMITS: ChainCacheLimits = { maxBytes: 16 * 1024 * 1024, maxEntries: 50_000 };

/** Key, entry and place in the map, generously. */
const ENTRY_BYTES = 320;
/** A string of 44 characters and the reference to it. */
const ADDRESS_BYTES = 80;

/** What was not used for the longest time goes first. */
export function createChainCache({ maxBytes, maxEntries }: ChainCacheLimits = DEFAULT_LIMITS): ChainCache {
  const kept = new Map<Address, Entry>();
  let bytes = 0;
  const forget = (address: Address): void => {
    const entry = kept.get(address);
    if (entry === undefined) return;
    kept.delete(address);
    bytes -= bytesOf(entry);
  };
  const keep = (address: Address, entry: Entry): void => {
    forget(address);
    kept.set(address, entry);
    bytes += bytesOf(entry);
    for (const oldest of kept.keys()) {
      if (bytes <= maxBytes && kept.size <= maxEntries) break;
      forget(oldest);
    }
  };
  const use = (address: Address): Entry | undefined => {
    const entry = kept.get(address);
    if (entry === undefined) return undefined;
    kept.delete(address);
    kept.set(address, entry);
    return entry;
  };
  return {
    table: (address) => {
      const entry = use(address);
      return entry?.kind === 'table' ? entry : null;
    },
    decimals: (mint) => {
      const entry = use(mint);
      return entry?.kind === 'mint' ? entry : null;
    },
    note: (address, state, slot) => {
      const before = kept.get(address);
      const now = state === null ? null : lastingPart(state, slot);
      if (now === null) forget(address);
      else if (before === undefined || isGrowth(before, now)) keep(address, now);
      else {
        forget(address);
        // A table that is merely shorter comes from a node that is behind.
        if (!isGrowth(now, before)) return 'contradicts';
      }
      return 'fits';
    },
    get bytes() {
      return bytes;
    },
    get entries() {
      return kept.size;
    },
  };
}

/**
 * Entries of a table are only ever appended; a table that was closed cannot be made again at its address, which hangs on a recent slot.
 * A classic mint cannot be closed and its decimals not be set again. Token-2022 mints can be closed.
 */
function lastingPart(state: AccountState, slot: bigint): Entry | null {
  if (state.owner === TOKEN_PROGRAM) {
    const mint = readMint(state);
    return mint === null ? null : { kind: 'mint', decimals: mint.decimals, slot };
  }
  const table = readLookupTable(state);
  return table === null ? null : { kind: 'table', table, slot };
}

function isGrowth(before: Entry, now: Entry): boolean {
  if (before.kind === 'mint') return now.kind === 'mint' && now.decimals === before.decimals;
  if (now.kind !== 'table') return false;
  const { addresses } = now.table;
  return before.table.addresses.every((address, index) => addresses[index] === address);
}

function bytesOf(entry: Entry): number {
  return ENTRY_BYTES + (entry.kind === 'table' ? entry.table.addresses.length * ADDRESS_BYTES : 0);
}
