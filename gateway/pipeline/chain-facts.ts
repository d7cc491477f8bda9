// Owns what the decode stage asks of the chain: lookup tables, and the accounts that the effects hang on.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { ChainUnavailable } from '../../relayer/chain-reader.ts';
import type { Address } from '../core/address.ts';
import type { AccountState, ChainFacts } from '../core/effects/chain-facts.ts';
import { accountsNeeded } from '../core/effects/facts-needed.ts';
import { GatewayError } from '../core/errors.ts';
import type { CompiledTransaction } from '../core/transaction/compiled-transaction.ts';
import type { AccountReference, DecodedTransaction, LookupTable } from '../core/transaction/decoded-transaction.ts';
import { lookupTableAddresses, readLookupTable, resolveAccounts } from '../core/transaction/resolve.ts';

/** The mint of an unchecked transfer is known only once its accounts are read; nothing hangs on more than that. */
const MAX_ROUNDS = 3;

/** Every account of the transaction, lookup tables resolved. Throws LOOKUP_TABLE_UNRESOLVED or CHAIN_UNAVAILABLE. */
export async function resolveTransaction(
  chain: ChainReader,
  transaction: CompiledTransaction,
  signal: AbortSignal,
): Promise<readonly AccountReference[]> {
  const addresses = lookupTableAddresses(transaction);
  const { accounts } = await readAccounts(chain, addresses, signal);
  const tables = new Map<Address, LookupTable | null>();
  for (const address of addresses) tables.set(address, readLookupTable(accounts.get(address) ?? null));
  const resolved = resolveAccounts(transaction, tables);
  if (resolved.kind === 'parsed') return resolved.value;
  const { code, field, expected, found } = resolved.error;
  throw new GatewayError('LOOKUP_TABLE_UNRESOLVED', `transaction: ${field}: expected ${expected}, found ${found}`, {
    metadata: { malformed: code, field, expected, found },
  });
}

/** Everything that the effects need to know, in as few round trips as it takes; none for pure SOL transfers. */
export async function establishFacts(
  chain: ChainReader,
  decoded: DecodedTransaction,
  wallet: Address,
  signal: AbortSignal,
): Promise<ChainFacts> {
  let facts: ChainFacts = { slot: null, accounts: new Map<Address, AccountState | null>() };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const needed = accountsNeeded(decoded, wallet, facts);
    if (needed.length === 0) return facts;
    const more = await readAccounts(chain, needed, signal);
    facts = { slot: more.slot, accounts: new Map([...facts.accounts, ...more.accounts]) };
  }
  // What is still not known stands in `missing`, and denies.
  return facts;
}

async function readAccounts(
  chain: ChainReader,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<ChainFacts> {
  if (addresses.length === 0) return { slot: null, accounts: new Map() };
  return chainAnswer(chain.getAccounts(addresses, signal));
}

export async function chainAnswer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ChainUnavailable)) throw error;
    throw new GatewayError('CHAIN_UNAVAILABLE', `the chain cannot be asked: ${error.message}; nothing was signed`, {
      cause: error,
    });
  }
}
