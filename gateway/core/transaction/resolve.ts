// Owns the step from indexes to accounts, those of lookup tables included, in the order of the runtime.
import type { Address } from '../address.ts';
import type { AddressTableLookup, CompiledTransaction, Parsed } from './compiled-transaction.ts';
import type { AccountReference, LookupTable } from './decoded-transaction.ts';

/** The lookup tables that a transaction names, each once. */
export function lookupTableAddresses(tx: CompiledTransaction): readonly Address[] {
  return [...new Set(tx.lookups.map((lookup) => lookup.table))];
}

/** Static accounts, then all loaded writable ones of all tables, then all loaded readonly ones. */
export function resolveAccounts(
  tx: CompiledTransaction,
  tables: ReadonlyMap<Address, LookupTable | null>,
): Parsed<readonly AccountReference[]> {
  const staticAccounts = tx.staticAccounts.map((address, index) => ({
    address,
    signer: index < tx.header.requiredSignatures,
    writable: isStaticWritable(tx, index),
  }));
  if (tx.lookups.length === 0) return { kind: 'parsed', value: staticAccounts };
  const writable: AccountReference[] = [];
  const readonly: AccountReference[] = [];
  for (let i = 0; i < tx.lookups.length; i++) {
    // Table by table, as the runtime does, so that of two faults both name the same one.
    const problem =
      loadInto(writable, { tx, lookupIndex: i, writable: true }, tables) ??
      loadInto(readonly, { tx, lookupIndex: i, writable: false }, tables);
    if (problem !== null) return problem;
  }
  const accounts = [...staticAccounts, ...writable, ...readonly];
  return firstDuplicate(tx, accounts) ?? { kind: 'parsed', value: accounts };
}

function isStaticWritable(tx: CompiledTransaction, index: number): boolean {
  const { requiredSignatures, readonlySigned, readonlyUnsigned } = tx.header;
  return index < requiredSignatures
    ? index < requiredSignatures - readonlySigned
    : index < tx.staticAccounts.length - readonlyUnsigned;
}

function loadInto(
  accounts: AccountReference[],
  place: LookupPlace,
  tables: ReadonlyMap<Address, LookupTable | null>,
): Parsed<never> | null {
  const lookup = place.tx.lookups[place.lookupIndex];
  if (lookup === undefined) return null;
  const table = tables.get(lookup.table) ?? null;
  if (table === null) {
    return unresolved('LOOKUP_TABLE_MISSING', place, 0, 'an active address lookup table', lookup.table);
  }
  const indexes = place.writable ? lookup.writableIndexes : lookup.readonlyIndexes;
  for (let k = 0; k < indexes.length; k++) {
    const entry = indexes[k] ?? 0;
    const address = table.addresses[entry];
    if (address === undefined) {
      const expected = `an index below ${table.addresses.length}, the entries of ${lookup.table}`;
      return unresolved('LOOKUP_INDEX_OUT_OF_RANGE', place, k, expected, `${entry}`);
    }
    accounts.push({ address, signer: false, writable: place.writable });
  }
  return null;
}

/** Static keys are distinct already, so a duplicate is always a loaded one. */
function firstDuplicate(tx: CompiledTransaction, accounts: readonly AccountReference[]): Parsed<never> | null {
  const seen = new Set<Address>(tx.staticAccounts);
  let at = tx.staticAccounts.length;
  for (const writable of [true, false]) {
    for (let lookupIndex = 0; lookupIndex < tx.lookups.length; lookupIndex++) {
      const lookup = tx.lookups[lookupIndex];
      const count = (writable ? lookup?.writableIndexes.length : lookup?.readonlyIndexes.length) ?? 0;
      for (let k = 0; k < count; k++) {
        const address = accounts[at++]?.address;
        if (address === undefined) continue;
        if (seen.has(address)) {
          const expected = 'every account once, loaded ones included';
          return unresolved('DUPLICATE_ACCOUNT', { tx, lookupIndex, writable }, k, expected, `${address} again`);
        }
        seen.add(address);
      }
    }
  }
  return null;
}

interface LookupPlace {
  readonly tx: CompiledTransaction;
  readonly lookupIndex: number;
  readonly writable: boolean;
}

function unresolved(code: string, place: LookupPlace, k: number, expected: string, found: string): Parsed<never> {
  const { tx, lookupIndex, writable } = place;
  const list = writable ? 'writableIndexes' : 'readonlyIndexes';
  const path = `message.addressTableLookups[${lookupIndex}]`;
  const field = code === 'LOOKUP_TABLE_MISSING' ? `${path}.table` : `${path}.${list}[${k}]`;
  let offset = lookupOffset(tx, lookupIndex);
  if (code !== 'LOOKUP_TABLE_MISSING') {
    offset += 33 + k + (writable ? 0 : 1 + (tx.lookups[lookupIndex]?.writableIndexes.length ?? 0));
  }
  return { kind: 'malformed', error: { code, field, offset, expected, found } };
}

/** Lookups are the last field of the wire bytes; every length in them fits one byte (at most 64 accounts). */
function lookupOffset(tx: CompiledTransaction, index: number): number {
  let offset = tx.size;
  for (let i = tx.lookups.length - 1; i >= index; i--) offset -= lookupBytes(tx.lookups[i]);
  return offset;
}

function lookupBytes(lookup: AddressTableLookup | undefined): number {
  return lookup === undefined ? 0 : 34 + lookup.writableIndexes.length + lookup.readonlyIndexes.length;
}
