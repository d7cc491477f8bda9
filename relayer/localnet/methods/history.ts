// Owns methods about what landed: signature statuses and whole transactions.
import { encodeBase58 } from '../../base58.ts';
import type { Chain } from '../chain.ts';
import { commitmentOf, hasReached, type LandedStatus, type LandedTransaction } from '../landed-transactions.ts';
import { commitmentOfConfig, configAt, flagOf, listAt, oneOf, type Params, signatureAt, u64At } from '../params.ts';
import { invalidParams, RpcError } from '../rpc-error.ts';
import { blockHeightAt } from '../slot-clock.ts';
import type { WireTransaction } from '../wire-transaction.ts';
import { type Methods, withContext } from './method.ts';

const MAX_STATUSES = 256;

export const historyMethods: Methods = {
  getSignatureStatuses,
  getTransaction,
  getFirstAvailableBlock: (chain) => chain.landed.knownFrom(),
  getBlock,
};

function getSignatureStatuses(chain: Chain, params: Params): unknown {
  flagOf(configAt(params, 1), 'searchTransactionHistory');
  const signatures = listAt(params[0], 'signatures', MAX_STATUSES);
  const statuses = signatures.map((signature, index) => {
    const status = chain.landed.status(signatureAt(signature, `signature ${index}`));
    return status === undefined ? null : statusJson(chain, status);
  });
  return withContext(chain, statuses);
}

function statusJson(chain: Chain, { slot, error }: LandedStatus): unknown {
  const confirmationStatus = commitmentOf(chain.clock, slot);
  return {
    slot,
    confirmations: confirmationStatus === 'finalized' ? null : chain.clock.slot('processed') - slot,
    err: error,
    status: resultOf(error),
    confirmationStatus,
  };
}

/** Its place in the chain only: what it holds is told one transaction at a time. */
function getBlock(chain: Chain, params: Params): unknown {
  const slot = u64At(params[0], 'slot');
  const config = configAt(params, 1);
  oneOf(config, 'transactionDetails', ['none'], 'none');
  if (flagOf(config, 'rewards')) throw invalidParams('rewards are not told by this chain');
  const first = chain.landed.knownFrom();
  if (slot < first) {
    const message = `Block ${slot} cleaned up, does not exist on node. First available block: ${first}`;
    throw new RpcError('BLOCK_CLEANED_UP', message);
  }
  if (slot > chain.clock.slot(commitmentOfConfig(chain, config))) {
    throw new RpcError('BLOCK_NOT_AVAILABLE', `Block not available for slot ${slot}`);
  }
  return {
    blockHeight: slot === 0n ? 0n : blockHeightAt(slot),
    parentSlot: slot === 0n ? 0n : slot - 1n,
  };
}

function getTransaction(chain: Chain, params: Params): unknown {
  const signature = signatureAt(params[0], 'signature');
  const config = typeof params[1] === 'string' ? { encoding: params[1] } : configAt(params, 1);
  const commitment = commitmentOfConfig(chain, config);
  const encoding = oneOf(config, 'encoding', ['json', 'base58', 'base64'], 'json');
  const status = chain.landed.status(signature);
  const landed = chain.landed.transaction(signature);
  if (status === undefined || landed === undefined || !hasReached(chain.clock, status.slot, commitment)) return null;
  const { version } = landed.transaction;
  const newest = config.maxSupportedTransactionVersion ?? null;
  if (version !== 'legacy' && (newest === null || BigInt(version) > u64At(newest, 'maxSupportedTransactionVersion'))) {
    const message = `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`;
    throw new RpcError('UNSUPPORTED_TRANSACTION_VERSION', message);
  }
  return {
    slot: status.slot,
    transaction: encodeTransaction(landed.transaction, encoding),
    meta: metaJson(landed, status),
    ...(newest === null ? {} : { version }),
  };
}

function metaJson(landed: LandedTransaction, { error }: LandedStatus): unknown {
  const { execution, fee, loadedAddresses, preBalances, postBalances } = landed;
  return {
    err: error,
    status: resultOf(error),
    fee,
    preBalances,
    postBalances,
    innerInstructions: execution.innerInstructions,
    logMessages: execution.logs,
    preTokenBalances: [],
    postTokenBalances: [],
    rewards: [],
    loadedAddresses,
    computeUnitsConsumed: execution.unitsConsumed,
    ...(execution.returnData === null ? {} : { returnData: execution.returnData }),
  };
}

function encodeTransaction(transaction: WireTransaction, encoding: 'json' | 'base58' | 'base64'): unknown {
  switch (encoding) {
    case 'base64':
      return [Buffer.from(transaction.wire).toString('base64'), encoding];
    case 'base58':
      return [encodeBase58(transaction.wire), encoding];
    case 'json':
      return { signatures: transaction.signatures.map(encodeBase58), message: messageJson(transaction) };
  }
}

function messageJson(transaction: WireTransaction): unknown {
  const { signers, readonlySigned, readonlyUnsigned, keys, blockhash, instructions, lookups } = transaction;
  return {
    header: {
      numRequiredSignatures: signers,
      numReadonlySignedAccounts: readonlySigned,
      numReadonlyUnsignedAccounts: readonlyUnsigned,
    },
    accountKeys: keys.map(encodeBase58),
    recentBlockhash: encodeBase58(blockhash),
    instructions: instructions.map(({ programIndex, accounts, data }) => ({
      programIdIndex: programIndex,
      accounts: [...accounts],
      data: encodeBase58(data),
      stackHeight: 1,
    })),
    ...(transaction.version === 0 ? { addressTableLookups: lookups.map(lookupJson) } : {}),
  };
}

function lookupJson({ table, writable, readonly }: WireTransaction['lookups'][number]): unknown {
  return { accountKey: encodeBase58(table), writableIndexes: [...writable], readonlyIndexes: [...readonly] };
}

function resultOf(error: LandedStatus['error']): unknown {
  return error === null ? { Ok: null } : { Err: error };
}
