// Owns asking the nodes of a pool what was paid of late for a compute unit. Whichever answers: a price is nothing that has to be proved.
import type { FeeMarket } from '../../fee-market.ts';
import { readObject, readU64, UnexpectedAnswer } from '../answer-shape.ts';
import { ask } from '../ask.ts';
import { type Attempt, hedge } from './hedge.ts';
import type { RpcPool } from './rpc-pool.ts';

/** Of the cluster's RPC. */
const MOST_ACCOUNTS = 128;
const MOST_SLOTS = 150;

/** The pool closes the nodes. */
export function createPooledFeeMarket(pool: RpcPool): FeeMarket {
  return {
    recentPrices: (writable, signal) => {
      const params = [writable.slice(0, MOST_ACCOUNTS)];
      const attempts = pool.forReading().map((node): Attempt<readonly bigint[]> => {
        return (inner) => ask(node, 'getRecentPrioritizationFees', params, inner, readPrices);
      });
      return hedge(attempts, { afterMs: null, onHedge: () => undefined }, signal);
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
