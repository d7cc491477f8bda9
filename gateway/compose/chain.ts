// Owns how the gateway sees the chain: which nodes are asked, and how what they say becomes one answer.
import { createAgreeingChainReader } from '../../relayer/agreeing-chain-reader.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { createPooledChainReader } from '../../relayer/rpc/pool/pooled-chain-reader.ts';
import { createRpcPool, type PoolObserver, type RpcPool } from '../../relayer/rpc/pool/rpc-pool.ts';
import { createRpcChainReader, MAX_CHAIN_RESPONSE_BYTES } from '../../relayer/rpc/rpc-chain-reader.ts';
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

/** Always of the first node: what several of its answers say together must come from one. */
export function openWalletHistory({ chain: { endpoints, timeoutMs } }: Config): WalletHistory {
  const [first] = endpoints;
  if (first === undefined) throw new Error('the configuration names no node of the chain');
  return createRpcWalletHistory({ url: first.url.reveal(), timeoutMs });
}

interface PoolLimits {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

export function openPool(endpoints: readonly RpcEndpointConfig[], limits: PoolLimits, observer: PoolObserver): RpcPool {
  const nodes = endpoints.map(({ url, weight, requestsPerSecond }) => ({
    url: url.reveal(),
    weight,
    requestsPerSecond,
  }));
  return createRpcPool({ endpoints: nodes, ...limits, observer });
}
