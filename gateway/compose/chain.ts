// Owns how the gateway sees the chain: which nodes are asked, and how what they say becomes one answer.
import { createAgreeingChainReader } from '../../relayer/agreeing-chain-reader.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { FeeMarket } from '../../relayer/fee-market.ts';
import type { LandingHints } from '../../relayer/landing-hints.ts';
import { createPooledChainReader } from '../../relayer/rpc/pool/pooled-chain-reader.ts';
import { createRpcPool, type PoolObserver, type RpcPool } from '../../relayer/rpc/pool/rpc-pool.ts';
import { createRpcChainReader, MAX_CHAIN_RESPONSE_BYTES } from '../../relayer/rpc/rpc-chain-reader.ts';
import { createRpcFeeMarket } from '../../relayer/rpc/rpc-fee-market.ts';
import { createRpcLandingHints, socketUrlOf } from '../../relayer/rpc/rpc-landing-hints.ts';
import { createRpcWalletHistory } from '../../relayer/rpc/rpc-wallet-history.ts';
import type { WalletHistory } from '../../relayer/wallet-history.ts';
import type { Config } from '../config/config.ts';
import type { RpcEndpointConfig } from '../config/rpc-endpoints.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export function openChain({ chain: config }: Config, metrics: Metrics): ChainReader {
  const { endpoints, witnesses, verifyRpcUrl, timeoutMs } = config;
  const pool = openPool(endpoints, { timeoutMs, maxResponseBytes: MAX_CHAIN_RESPONSE_BYTES }, metrics.rpcPool('chain'));
  const first = createPooledChainReader(pool, witnesses);
  if (verifyRpcUrl === null) return first;
  const second = createRpcChainReader({ url: verifyRpcUrl.reveal(), timeoutMs });
  return createAgreeingChainReader({ first, second });
}

/** One of each node: what several answers say together must come from one. */
export function openWalletHistories({ chain: { endpoints, timeoutMs } }: Config): WalletHistories {
  const [first, ...more] = endpoints.map(({ url }) => createRpcWalletHistory({ url: url.reveal(), timeoutMs }));
  if (first === undefined) throw new Error('the configuration names no node of the chain');
  return [first, ...more];
}

type WalletHistories = readonly [WalletHistory, ...WalletHistory[]];

interface PoolLimits {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Of whichever node answers: the price of a compute unit is nothing that has to be proved. */
export function openFeeMarket({ chain: { endpoints, timeoutMs } }: Config): FeeMarket {
  return createRpcFeeMarket({ urls: endpoints.map(({ url }) => url.reveal()), timeoutMs });
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
