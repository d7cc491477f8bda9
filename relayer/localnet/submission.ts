// Owns what the cluster does around execution: age of the blockhash, repetition, preflight, and recording what landed.
import { decodeBase58, encodeBase58 } from '../base58.ts';
import type { Chain } from './chain.ts';
import { advanceNonce, isNonceCurrent, nonceAccountOf } from './durable-nonce.ts';
import { type Execution, executeInVm, refusedExecution, type Simulation, simulateInVm } from './execution.ts';
import { feeOf } from './fee.ts';
import { loadedAddresses } from './lookup.ts';
import type { WireTransaction } from './wire-transaction.ts';

export interface SimulationChecks {
  readonly verifySignatures: boolean;
  /** False when the caller has the blockhash replaced. */
  readonly checkAge: boolean;
}

/** Base58 of the first signature, by which the cluster names a transaction. */
export function signatureOf(transaction: WireTransaction): string {
  return encodeBase58(transaction.signatures[0] ?? new Uint8Array());
}

/** What would happen now; nothing changes. */
export function simulate(chain: Chain, transaction: WireTransaction, checks: SimulationChecks): Simulation {
  const refusal = checks.checkAge ? ageRefusal(chain, transaction) : null;
  return refusal === null ? simulateInVm(chain.svm, transaction, checks.verifySignatures) : refusedExecution(refusal);
}

/**
 * Executes it as a leader would. It lands when its fee could be charged; everything else is dropped without a trace, as a
 * leader drops what it cannot charge for.
 */
export function execute(chain: Chain, transaction: WireTransaction): Execution {
  const refusal = ageRefusal(chain, transaction);
  if (refusal !== null) return refusedExecution(refusal);
  const payer = transaction.keys[0] ?? new Uint8Array();
  const loaded = loadedAddresses(chain.svm, transaction);
  const accounts = [...transaction.keys, ...[...loaded.writable, ...loaded.readonly].map(addressBytes)];
  const balances = (): readonly bigint[] => accounts.map((account) => chain.svm.getBalance(account) ?? 0n);
  const nonce = nonceAccountOf(transaction);
  const preBalances = balances();
  const execution = executeInVm(chain.svm, transaction);
  const charged = execution.error === null || (chain.svm.getBalance(payer) ?? 0n) < (preBalances[0] ?? 0n);
  if (!charged) return execution;
  if (execution.error !== null && nonce !== undefined && isNonceCurrent(chain.svm, transaction)) {
    advanceNonce(chain.svm, nonce);
  }
  chain.land(
    { signature: signatureOf(transaction), slot: chain.clock.slot('processed'), error: execution.error },
    {
      transaction,
      execution,
      blockTime: Math.floor(Date.now() / 1000),
      fee: feeOf(transaction),
      loadedAddresses: loaded,
      preBalances,
      postBalances: balances(),
    },
  );
  return execution;
}

/** The runtime checks age first: a nonce transaction that landed is BlockhashNotFound, its nonce is used up. */
function ageRefusal(chain: Chain, transaction: WireTransaction): 'BlockhashNotFound' | 'AlreadyProcessed' | null {
  const slot = chain.clock.slot('processed');
  const isRecent = chain.blockhashes.isValid(encodeBase58(transaction.blockhash), slot);
  if (!isRecent && !isNonceCurrent(chain.svm, transaction)) return 'BlockhashNotFound';
  return chain.landed.status(signatureOf(transaction)) === undefined ? null : 'AlreadyProcessed';
}

function addressBytes(address: string): Uint8Array {
  return decodeBase58(address) ?? new Uint8Array();
}
