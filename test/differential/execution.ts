// Owns running one transaction on LiteSVM and what the chain looked like before and after, in the core's own shapes.
import { getTransactionDecoder, type Instruction } from '@solana/kit';
import { FailedTransactionMetadata, type LiteSVM } from 'litesvm';
import type { Address } from '../../gateway/core/address.ts';
import type { AccountState, ChainFacts } from '../../gateway/core/effects/chain-facts.ts';
import { computeEffects } from '../../gateway/core/effects/compute-effects.ts';
import type { Effects } from '../../gateway/core/effects/effects.ts';
import { accountsNeeded } from '../../gateway/core/effects/facts-needed.ts';
import type { CompiledTransaction } from '../../gateway/core/transaction/compiled-transaction.ts';
import { decodeTransaction } from '../../gateway/core/transaction/decode.ts';
import type { DecodedTransaction, LookupTable } from '../../gateway/core/transaction/decoded-transaction.ts';
import { readLookupTable } from '../../gateway/core/transaction/lookup-table.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { lookupTableAddresses, resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import { encodeLegacy } from './corpus.ts';

export type Accounts = ReadonlyMap<Address, AccountState | null>;

export interface Execution {
  readonly decoded: DecodedTransaction;
  readonly effects: Effects;
  readonly before: Accounts;
  readonly after: Accounts;
  /** `null`: it succeeded. */
  readonly error: string | null;
  /** Questions to the chain until effects were complete. */
  readonly rounds: number;
}

/** Judges first, with what the chain says then; executes afterwards. */
export function judgeAndExecute(svm: LiteSVM, wire: Uint8Array, wallet: Address): Execution {
  const decoded = decode(wire, svm);
  const { facts, rounds } = gatherFacts(svm, decoded, wallet);
  const effects = computeEffects(decoded, wallet, facts);
  const touched = decoded.accounts.map(({ address }) => address);
  const before = readAccounts(svm, touched);
  const result = svm.sendTransaction(getTransactionDecoder().decode(wire));
  const error = result instanceof FailedTransactionMetadata ? String(result.err()) : null;
  return { decoded, effects, before, after: readAccounts(svm, touched), error, rounds };
}

/** Lookup tables are read from the chain, where one is given. */
export function decode(wire: Uint8Array, svm: LiteSVM | null = null): DecodedTransaction {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error(JSON.stringify(parsed.error));
  const accounts = resolveAccounts(parsed.value, svm === null ? new Map() : readTables(svm, parsed.value));
  if (accounts.kind === 'malformed') throw new Error(JSON.stringify(accounts.error));
  return decodeTransaction(parsed.value, accounts.value);
}

function readTables(svm: LiteSVM, compiled: CompiledTransaction): ReadonlyMap<Address, LookupTable | null> {
  const states = readAccounts(svm, lookupTableAddresses(compiled));
  return new Map([...states].map(([address, state]) => [address, readLookupTable(state)]));
}

/** Prepares a chain; throws where that fails. */
export function sendLegacy(svm: LiteSVM, payer: Address, instructions: readonly Instruction[]): void {
  const wire = encodeLegacy(payer, svm.latestBlockhash(), instructions);
  const result = svm.sendTransaction(getTransactionDecoder().decode(wire));
  if (result instanceof FailedTransactionMetadata)
    throw new Error(`${result.err()} ${result.meta().logs().join('\n')}`);
}

function gatherFacts(svm: LiteSVM, decoded: DecodedTransaction, wallet: Address) {
  let facts: ChainFacts = { slot: null, accounts: new Map() };
  for (let rounds = 0; ; rounds++) {
    const needed = accountsNeeded(decoded, wallet, facts);
    if (needed.length === 0) return { facts, rounds };
    facts = { slot: 1n, accounts: new Map([...facts.accounts, ...readAccounts(svm, needed)]) };
  }
}

export function readAccounts(svm: LiteSVM, addresses: readonly Address[]): Accounts {
  return new Map(
    addresses.map((address) => {
      const account = svm.getAccount(address);
      // An account without lamports is no account, also where LiteSVM still remembers it.
      if (!account.exists || account.lamports === 0n) return [address, null];
      const { programAddress: owner, lamports, data } = account;
      return [address, { owner, lamports, data: new Uint8Array(data) }];
    }),
  );
}
