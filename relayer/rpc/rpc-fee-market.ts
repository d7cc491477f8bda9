// Owns asking nodes what was paid of late for a compute unit.
import { ChainUnavailable } from '../chain-reader.ts';
import type { FeeMarket } from '../fee-market.ts';
import { readObject, readU64, UnexpectedAnswer } from './answer-shape.ts';
import { ask } from './ask.ts';
import { createRpcClient } from './json-rpc-client.ts';

const MAX_RESPONSE_BYTES = 256 * 1024;
/** Of the cluster's RPC. */
const MOST_ACCOUNTS = 128;
const MOST_SLOTS = 150;

/** `urls`: asked in this order until one answers. @throws Error when one is none. */
export function createRpcFeeMarket(options: {
  readonly urls: readonly string[];
  readonly timeoutMs: number;
}): FeeMarket {
  const { urls, timeoutMs } = options;
  const clients = urls.map((url) => createRpcClient({ url, timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES }));
  return {
    async recentPrices(writable, signal) {
      const params = [writable.slice(0, MOST_ACCOUNTS)];
      let failure: unknown = new ChainUnavailable('no node is configured');
      for (const client of clients) {
        try {
          return await ask(client, 'getRecentPrioritizationFees', params, signal, readPrices);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    close: async () => {
      for (const client of clients) client.close();
    },
  };
}

function readPrices(result: unknown): readonly bigint[] {
  if (!Array.isArray(result) || result.length > MOST_SLOTS) {
    throw new UnexpectedAnswer('result', `a list of at most ${MOST_SLOTS}`);
  }
  return result.map((entry: unknown) =>
    readU64(readObject(entry, 'result[]').prioritizationFee, 'result[].prioritizationFee'),
  );
}
