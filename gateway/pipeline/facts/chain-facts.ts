// Owns what the decode stage asks of the chain: lookup tables, and the accounts that the effects hang on.
import type { Address } from '../../core/address.ts';
import type { AccountState, ChainFacts, ChainReading } from '../../core/effects/chain-facts.ts';
import { accountsNeeded } from '../../core/effects/facts-needed.ts';
import { GatewayError } from '../../core/errors.ts';
import type { AddressTableLookup, CompiledTransaction } from '../../core/transaction/compiled-transaction.ts';
import type { AccountReference, DecodedTransaction, LookupTable } from '../../core/transaction/decoded-transaction.ts';
import { readLookupTable } from '../../core/transaction/lookup-table.ts';
import { lookupTableAddresses, resolveAccounts } from '../../core/transaction/resolve.ts';
import { type ChainSession, readAccounts, useCached } from './chain-session.ts';

/**
 * Readings that the effects may take. Most take one; the mint of an unchecked transfer is known only once its accounts are read. Nothing
 * hangs on more than that: what is not known then is missing, and denies.
 */
const MAX_READINGS = 3;

const NONE: ChainFacts['accounts'] = new Map();

/**
 * Every account of the transaction, lookup tables resolved. A table that is not known yet is read, and the static accounts with it, so
 * that what hangs on them costs no round trip of its own. Throws LOOKUP_TABLE_UNRESOLVED or CHAIN_UNAVAILABLE.
 */
export async function resolveTransaction(
  session: ChainSession,
  transaction: CompiledTransaction,
): Promise<readonly AccountReference[]> {
  const tables = new Map<Address, LookupTable | null>();
  const unknown: Address[] = [];
  for (const address of lookupTableAddresses(transaction)) {
    const known = session.cache.table(address);
    if (known !== null && known.table.addresses.length > highestIndex(transaction, address)) {
      useCached(session, address, known.slot);
      tables.set(address, known.table);
    } else {
      unknown.push(address);
    }
  }
  if (unknown.length > 0) await readAccounts(session, unknown, accountsOfUse(transaction, transaction.staticAccounts));
  for (const address of unknown) tables.set(address, readLookupTable(session.accounts.get(address) ?? null));
  const resolved = resolveAccounts(transaction, tables);
  if (resolved.kind === 'parsed') return resolved.value;
  const { code, field, expected, found } = resolved.error;
  throw new GatewayError('LOOKUP_TABLE_UNRESOLVED', `transaction: ${field}: expected ${expected}, found ${found}`, {
    metadata: { malformed: code, field, expected, found },
  });
}

/**
 * Everything that the effects need to know, and nothing else: the same facts whatever else was read or cached. None for pure SOL
 * transfers. `welcome`: accounts that somebody else would like to have read in the same round trip.
 */
export async function establishFacts(
  session: ChainSession,
  decoded: DecodedTransaction,
  wallet: Address,
  welcome: readonly Address[] = [],
): Promise<ChainFacts> {
  let needed = accountsNeeded(decoded, wallet);
  if (needed.length === 0 && welcome.length === 0) return { slot: session.slot, accounts: NONE };
  const accounts = new Map<Address, AccountState | null>();
  const mintDecimals = new Map<Address, number>();
  let wished = welcome;
  for (let readings = 0; ; ) {
    const absent = needed.filter((address) => !takeOver(session, address, accounts, mintDecimals));
    const facts: ChainFacts = { slot: session.slot, accounts, mintDecimals };
    if (absent.length < needed.length) {
      // What was taken over may show that more is needed: a question is worth asking only when nothing more is at hand.
      needed = accountsNeeded(decoded, wallet, facts);
      continue;
    }
    if (readings === MAX_READINGS || (absent.length === 0 && wished.length === 0)) return facts;
    await readAccounts(session, absent, wished);
    wished = [];
    readings += 1;
  }
}

/** Whether something new was taken from what was read before, or from the cache. */
function takeOver(
  session: ChainSession,
  address: Address,
  accounts: Map<Address, AccountState | null>,
  mintDecimals: Map<Address, number>,
): boolean {
  const state = session.accounts.get(address);
  if (state !== undefined) {
    accounts.set(address, state);
    return true;
  }
  const known = mintDecimals.has(address) ? null : session.cache.decimals(address);
  if (known === null) return false;
  useCached(session, address, known.slot);
  mintDecimals.set(address, known.decimals);
  return true;
}

/** Those of a transaction's accounts that are not merely called: what a program account holds changes no effect. */
export function accountsOfUse(transaction: CompiledTransaction, accounts: readonly Address[]): readonly Address[] {
  const programs = new Set(transaction.instructions.map(({ programIndex }) => programIndex));
  return accounts.filter((_, index) => !programs.has(index));
}

function highestIndex(transaction: CompiledTransaction, table: Address): number {
  const used = transaction.lookups.filter((lookup) => lookup.table === table).map(highestOf);
  return Math.max(-1, ...used);
}

function highestOf({ writableIndexes, readonlyIndexes }: AddressTableLookup): number {
  return Math.max(-1, ...writableIndexes, ...readonlyIndexes);
}

/** Where the facts of a judgement come from. */
export function chainReadingOf(session: ChainSession, endpoints: number): ChainReading {
  const cached = [...session.cached].map(([address, slot]) => ({ address, slot }));
  return { slot: session.slot, endpoints, cached };
}
