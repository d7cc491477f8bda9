// Owns how the gateway sees the chain: which nodes are asked, and how what they say becomes one answer.
import { createAgreeingChainReader } from '../../relayer/agreeing-chain-reader.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { FeeMarket } from '../../relayer/fee-market.ts';
import type { LandingHints } from '../../relayer/landing-hints.ts';
import { createPooledChainReader } from '../../relayer/rpc/pool/pooled-chain-reader.ts';
import { createPooledFeeMarket } from '../../relayer/rpc/pool/pooled-fee-market.ts';
import { createPooledWalletHistories } from '../../relayer/rpc/pool/pooled-wallet-histories.ts';
import { createRpcPool, type PoolObserver, type RpcPool } from '../../relayer/rpc/pool/rpc-pool.ts';
import { createRpcChainReader, MAX_CHAIN_RESPONSE_BYTES } from '../../relayer/rpc/rpc-chain-reader.ts';
import { createRpcLandingHints, socketUrlOf } from '../../relayer/rpc/rpc-landing-hints.ts';
import type { Config } from '../config/config.ts';
import type { RpcEndpointConfig } from '../config/rpc-endpoints.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface Chain {
  readonly reader: ChainReader;
  /** One of each node. */
  readonly histories: ReturnType<typeof createPooledWalletHistories>;
  readonly feeMarket: FeeMarket;
}

/** Everything over the same nodes, each asked no faster than it may be. Closing the reader closes them. */
export function openChain(
  { chain: config }: Pick<Config, 'chain'>,
  metrics: { readonly rpcPool: (pool: string) => PoolObserver },
): Chain {
  const { endpoints, witnesses, verifyRpcUrl, timeoutMs } = config;
  const pool = openPool(endpoints, { timeoutMs, maxResponseBytes: MAX_CHAIN_RESPONSE_BYTES }, metrics.rpcPool('chain'));
  const [histories, feeMarket] = [createPooledWalletHistories(pool), createPooledFeeMarket(pool)];
  const first = createPooledChainReader(pool, witnesses);
  if (verifyRpcUrl === null) return { reader: first, histories, feeMarket };
  const second = createRpcChainReader({ url: verifyRpcUrl.reveal(), timeoutMs });
  return { reader: createAgreeingChainReader({ first, second }), histories, feeMarket };
}

interface PoolLimits {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Of the nodes' WebSockets, one at a time; the heaviest first. */
export function openLandingHints({ chain: { endpoints, subscribe } }: Config, metrics: Metrics): LandingHints {
  if (!subscribe) return { listen: () => undefined, close: () => undefined };
  const heaviestFirst = endpoints.toSorted((a, b) => b.weight - a.weight);
  const urls = heaviestFirst.map(({ url, wsUrl }) => wsUrl?.reveal() ?? socketUrlOf(url.reveal()));
  return createRpcLandingHints({ urls, observe: metrics.rpcPool('chain').socket });
}

export function openPool(endpoints: readonly RpcEndpointConfig[], limits: PoolLimits, observer: PoolObserver): RpcPool {
  const nodes = endpoints.map(({ url, weight, requestsPerSecond }) => ({
    url: url.reveal(),
    weight,
    requestsPerSecond,
  }));
  return createRpcPool({ endpoints: nodes, ...limits, observer });
}
