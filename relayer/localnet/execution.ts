// Owns running one parsed transaction in LiteSVM, on the chain's state or on a copy, and reading the result.
import * as internal from 'litesvm/dist/internal.js';
import { encodeBase58 } from '../base58.ts';
import { type TransactionErrorJson, transactionErrorJson } from './transaction-error.ts';
import type { WireTransaction } from './wire-transaction.ts';

export interface InnerInstruction {
  readonly programIdIndex: number;
  readonly accounts: readonly number[];
  /** Base58. */
  readonly data: string;
  readonly stackHeight: number;
}

export interface Execution {
  readonly error: TransactionErrorJson | null;
  readonly logs: readonly string[];
  readonly unitsConsumed: bigint;
  readonly returnData: { readonly programId: string; readonly data: readonly [string, 'base64'] } | null;
  readonly innerInstructions: readonly { readonly index: number; readonly instructions: readonly InnerInstruction[] }[];
}

export interface Simulation extends Execution {
  /** State after the transaction, by address; only accounts that it names. */
  readonly postAccounts: ReadonlyMap<string, internal.Account>;
}

/** A transaction that never reached execution. */
export function refusedExecution(error: TransactionErrorJson): Simulation {
  return {
    error,
    logs: [],
    unitsConsumed: 0n,
    returnData: null,
    innerInstructions: [],
    postAccounts: new Map<string, internal.Account>(),
  };
}

/** Runs it on a copy of the state. */
export function simulateInVm(svm: internal.LiteSvm, transaction: WireTransaction, verify: boolean): Simulation {
  svm.setSigverify(verify);
  try {
    const result = svm.simulateVersionedTransaction(transaction.wire);
    if (result instanceof internal.FailedTransactionMetadata) {
      return { ...failedExecution(result), postAccounts: new Map<string, internal.Account>() };
    }
    const postAccounts = result.postAccounts().map((entry) => [encodeBase58(entry.address), entry.account()] as const);
    return { ...executionOf(result.meta(), null), postAccounts: new Map(postAccounts) };
  } finally {
    svm.setSigverify(true);
  }
}

/** Runs it for good. Signatures are verified. */
export function executeInVm(svm: internal.LiteSvm, transaction: WireTransaction): Execution {
  const result = svm.sendVersionedTransaction(transaction.wire);
  return result instanceof internal.FailedTransactionMetadata ? failedExecution(result) : executionOf(result, null);
}

/** What LiteSVM says of a transaction that it has run itself, as the faucet does. */
export function failedExecution(failed: internal.FailedTransactionMetadata): Execution {
  return executionOf(failed.meta(), transactionErrorJson(failed.err()));
}

function executionOf(meta: internal.TransactionMetadata, error: TransactionErrorJson | null): Execution {
  const returned = meta.returnData();
  const data = returned.data();
  return {
    error,
    logs: meta.logs(),
    unitsConsumed: meta.computeUnitsConsumed(),
    returnData:
      data.length === 0
        ? null
        : { programId: encodeBase58(returned.programId()), data: [Buffer.from(data).toString('base64'), 'base64'] },
    innerInstructions: meta
      .innerInstructions()
      .map((instructions, index) => ({ index, instructions: instructions.map(innerInstruction) }))
      .filter((group) => group.instructions.length > 0),
  };
}

function innerInstruction(inner: internal.InnerInstruction): InnerInstruction {
  const compiled = inner.instruction();
  return {
    programIdIndex: compiled.programIdIndex(),
    accounts: [...compiled.accounts()],
    data: encodeBase58(compiled.data()),
    stackHeight: inner.stackHeight(),
  };
}
