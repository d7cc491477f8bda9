// Owns methods about blockhashes and fees.

import { encodeBase58 } from '../../base58.ts';
import type { Chain } from '../chain.ts';
import { feeOf } from '../fee.ts';
import { addressAt, base64Bytes, commitmentOfConfig, configAt, type Params, parseOrRefuse } from '../params.ts';
import { BLOCKHASH_VALID_SLOTS } from '../recent-blockhashes.ts';
import { invalidParams } from '../rpc-error.ts';
import { blockHeightAt } from '../slot-clock.ts';
import { parseWireMessage } from '../wire-transaction.ts';
import { type Methods, withContext } from './method.ts';

export const blockhashMethods: Methods = {
  getLatestBlockhash: (chain, params) => {
    const slot = chain.clock.slot(commitmentOfConfig(chain, configAt(params, 0)));
    return withContext(chain, latestBlockhash(chain, slot), slot);
  },
  isBlockhashValid: (chain, params) => {
    const blockhash = encodeBase58(addressAt(params[0], 'blockhash'));
    const slot = chain.clock.slot(commitmentOfConfig(chain, configAt(params, 1)));
    return withContext(chain, chain.blockhashes.isValid(blockhash, slot), slot);
  },
  getFeeForMessage,
};

/** The newest blockhash at `slot`, and the last block height at which it may still land. */
export function latestBlockhash(chain: Chain, slot: bigint): unknown {
  const { blockhash, slot: born } = chain.blockhashes.newestAt(slot);
  return { blockhash, lastValidBlockHeight: blockHeightAt(born + BLOCKHASH_VALID_SLOTS) };
}

function getFeeForMessage(chain: Chain, params: Params): unknown {
  commitmentOfConfig(chain, configAt(params, 1));
  if (typeof params[0] !== 'string') throw invalidParams('message must be a base64 string');
  const message = parseOrRefuse(parseWireMessage, base64Bytes(params[0], 'message'));
  const isValid = chain.blockhashes.isValid(encodeBase58(message.blockhash), chain.clock.slot('processed'));
  return withContext(chain, isValid ? feeOf(message) : null);
}
