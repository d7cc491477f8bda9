// Owns methods that send and simulate transactions, and the faucet.
import { FailedTransactionMetadata } from 'litesvm/dist/internal.js';
import { decodeBase58, encodeBase58 } from '../../base58.ts';
import { isRecord } from '../../json-exact.ts';
import { accountJson } from '../account-encoding.ts';
import type { Chain } from '../chain.ts';
import { failedExecution, type Simulation } from '../execution.ts';
import { feeOf } from '../fee.ts';
import {
  addressAt,
  type Config,
  commitmentOfConfig,
  configAt,
  encodedBytesAt,
  flagOf,
  listAt,
  type Params,
  parseOrRefuse,
  u64At,
} from '../params.ts';
import { invalidParams, RpcError } from '../rpc-error.ts';
import { execute, signatureOf, simulate } from '../submission.ts';
import { describeTransactionError, isLookupError } from '../transaction-error.ts';
import { parseWireTransaction, type WireTransaction } from '../wire-transaction.ts';
import { latestBlockhash } from './blockhashes.ts';
import { type Methods, withContext } from './method.ts';

export const transactionMethods: Methods = { sendTransaction, simulateTransaction, requestAirdrop };

function sendTransaction(chain: Chain, params: Params): unknown {
  return sendThrough(chain, params, (transaction) => execute(chain, transaction));
}

/** `chain`: as the node sees it that is asked. `forward`: what it does with what it takes. */
export function sendThrough(chain: Chain, params: Params, forward: (transaction: WireTransaction) => void): unknown {
  const config = configAt(params, 1);
  commitmentOfConfig(chain, config, 'preflightCommitment');
  if (config.maxRetries !== undefined && config.maxRetries !== null) u64At(config.maxRetries, 'maxRetries');
  const transaction = transactionAt(params[0], config);
  if (!flagOf(config, 'skipPreflight')) requirePreflight(chain, transaction);
  forward(transaction);
  return signatureOf(transaction);
}

/** A node simulates before it broadcasts, and refuses what fails. */
function requirePreflight(chain: Chain, transaction: WireTransaction): void {
  const result = simulate(chain, transaction, { verifySignatures: true, checkAge: true });
  requireVerified(result);
  if (result.error === null) return;
  const message = `Transaction simulation failed: ${describeTransactionError(result.error)}`;
  throw new RpcError('PREFLIGHT_FAILURE', message, { ...simulationJson(result, transaction), accounts: null });
}

function simulateTransaction(chain: Chain, params: Params): unknown {
  const config = configAt(params, 1);
  commitmentOfConfig(chain, config);
  const verifySignatures = flagOf(config, 'sigVerify');
  const replace = flagOf(config, 'replaceRecentBlockhash');
  if (verifySignatures && replace) throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
  const sent = transactionAt(params[0], config);
  const slot = chain.clock.slot('processed');
  const transaction = replace ? withBlockhash(sent, chain.blockhashes.newestAt(slot).blockhash) : sent;
  const result = simulate(chain, transaction, { verifySignatures, checkAge: !replace });
  requireVerified(result);
  return withContext(chain, {
    ...simulationJson(result, transaction),
    accounts: requestedAccounts(chain, config, transaction, result),
    ...(flagOf(config, 'innerInstructions') ? { innerInstructions: result.innerInstructions } : {}),
    ...(replace ? { replacementBlockhash: latestBlockhash(chain, slot) } : {}),
  });
}

function requestAirdrop(chain: Chain, params: Params): unknown {
  const address = addressAt(params[0], 'address');
  const lamports = u64At(params[1], 'lamports');
  commitmentOfConfig(chain, configAt(params, 2));
  // The faucet's transaction is otherwise the same, signature included, when the same is asked twice in a slot.
  chain.svm.expireBlockhash();
  const result = chain.svm.airdrop(address, lamports);
  if (result === null || result instanceof FailedTransactionMetadata) {
    const error = result === null ? null : failedExecution(result).error;
    throw new RpcError('INTERNAL_ERROR', `airdrop request failed: ${JSON.stringify(error)}`);
  }
  const signature = encodeBase58(result.signature());
  chain.land({ signature, slot: chain.clock.slot('processed'), error: null }, null);
  return signature;
}

function transactionAt(value: unknown, config: Config): WireTransaction {
  return parseOrRefuse(parseWireTransaction, encodedBytesAt(value, config, 'transaction'));
}

function withBlockhash(transaction: WireTransaction, blockhash: string): WireTransaction {
  const bytes = decodeBase58(blockhash) ?? new Uint8Array();
  const wire = Uint8Array.from(transaction.wire);
  wire.set(bytes, transaction.blockhashOffset);
  return { ...transaction, wire, blockhash: bytes };
}

function requireVerified(result: Simulation): void {
  if (result.error === 'SignatureFailure') {
    throw new RpcError('SIGNATURE_VERIFICATION_FAILURE', 'Transaction signature verification failure');
  }
  if (isLookupError(result.error)) throw invalidParams(`invalid transaction: ${JSON.stringify(result.error)}`);
}

function simulationJson(result: Simulation, transaction: WireTransaction): Readonly<Record<string, unknown>> {
  const { error, logs, unitsConsumed, returnData } = result;
  const fee = feeOf(transaction);
  return { err: error, logs, unitsConsumed, returnData, innerInstructions: null, loadedAccountsDataSize: null, fee };
}

/** As on the cluster, not more than the transaction has accounts. */
function requestedAccounts(chain: Chain, config: Config, transaction: WireTransaction, result: Simulation): unknown {
  const wanted = config.accounts ?? null;
  if (wanted === null) return null;
  if (!isRecord(wanted)) throw invalidParams('accounts must be an object');
  const encoding: Config = { encoding: wanted.encoding ?? 'base64' };
  return listAt(wanted.addresses, 'accounts.addresses', accountCount(transaction)).map((address, index) => {
    const bytes = addressAt(address, `accounts.addresses[${index}]`);
    if (result.error !== null) return null;
    return accountJson(result.postAccounts.get(encodeBase58(bytes)) ?? chain.svm.getAccount(bytes), encoding);
  });
}

function accountCount({ keys, lookups }: WireTransaction): number {
  return lookups.reduce((sum, { writable, readonly }) => sum + writable.length + readonly.length, keys.length);
}
