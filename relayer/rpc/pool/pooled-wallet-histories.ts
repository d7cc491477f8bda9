// Owns the wallets' histories as the nodes of a pool show them: one of each, since what several answers prove together must come from one.
import type { WalletHistory } from '../../wallet-history.ts';
import type { RpcClient } from '../json-rpc-client.ts';
import { walletHistoryOver } from '../rpc-wallet-history.ts';
import type { RpcNode } from './rpc-node.ts';
import type { RpcPool } from './rpc-pool.ts';

/** In the order of the pool, never empty; the pool closes the nodes. Of a node of another cluster everything is ChainUnavailable. */
export function createPooledWalletHistories(pool: RpcPool): readonly [WalletHistory, ...WalletHistory[]] {
  const [first, ...more] = pool.nodes.map((node) => walletHistoryOver(unlessStranger(pool, node)));
  if (first === undefined) throw new Error('the pool has no node');
  return [first, ...more];
}

function unlessStranger(pool: RpcPool, node: RpcNode): RpcClient {
  return {
    endpoint: node.endpoint,
    close: node.close,
    call: async (method, params, signal) => {
      if (!pool.isStranger(node)) return node.call(method, params, signal);
      const reason = 'it is of another cluster, or has not said of which';
      return { kind: 'lost', reason, mayHaveArrived: false, restMs: null };
    },
  };
}
