// Owns saying in the same words how we resolve a transaction and how the runtime loads it.
import type { Address } from '../../gateway/core/address.ts';
import type { CompiledTransaction } from '../../gateway/core/transaction/compiled-transaction.ts';
import type { LookupTable } from '../../gateway/core/transaction/decoded-transaction.ts';
import { resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import type { RuntimeAnswer } from './runtime.ts';

/** What the runtime says of bytes that break a rule of the message, or name accounts that cannot be loaded. */
const LOAD_ERRORS = new Map<number | string, string>([
  [1, 'DUPLICATE_ACCOUNT'],
  [10, 'InvalidAccountIndex'],
  [13, 'SanitizeFailure'],
  [17, 'UnsupportedVersion'],
  [21, 'TooManyAccountLocks'],
  [22, 'LOOKUP_TABLE_MISSING'],
  [23, 'LOOKUP_TABLE_MISSING'],
  [24, 'LOOKUP_TABLE_MISSING'],
  [25, 'LOOKUP_INDEX_OUT_OF_RANGE'],
]);

/** `resolved`, or the code of what is wrong. */
export function resolution(tx: CompiledTransaction, tables: ReadonlyMap<Address, LookupTable>): string {
  const accounts = resolveAccounts(tx, tables);
  return accounts.kind === 'parsed' ? 'resolved' : accounts.error.code;
}

/** The same in the runtime's words; how it goes on after loading does not matter here. */
export function loading(answer: RuntimeAnswer | undefined): string {
  if (answer?.kind !== 'answered') return 'aborted';
  return LOAD_ERRORS.get(answer.error) ?? 'resolved';
}
