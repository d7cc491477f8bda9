// Owns the metrics of RPC nodes: calls, delay, lag and hedges, by pool and host. A URL may hold a key; its host does not.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { boundedLabel } from './bounded-label.ts';

/** What is told of the nodes of one pool. */
export interface RpcPoolObserver {
  /** `result`: `answered`, `refused`, `lost`, `held`, `overtaken` or `aborted`. */
  call(host: string, result: string, seconds: number): void;
  /** Behind the newest slot that the pool believes; below 0: ahead of it. */
  lag(host: string, slots: number): void;
  /** It was asked because another takes long. */
  hedge(host: string): void;
  /** Whether the WebSocket to it is open. */
  socket(host: string, isOpen: boolean): void;
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const POOL = /^[a-z0-9-]{1,64}$/;
const HOST = /^[a-zA-Z0-9.:[\]_-]{1,260}$/;
const RESULT = /^[a-z]{1,20}$/;
const MAX_POOLS = 64;
const MAX_HOSTS = 256;
const MAX_RESULTS = 8;

type Named = (name: string, help: string) => { name: string; help: string; registers: Registry[] };

/** `pool`: `chain`, or the name of a relayer. */
export function rpcMetrics(named: Named): (pool: string) => RpcPoolObserver {
  const labelNames = ['pool', 'host'];
  const calls = new Counter({
    ...named('rpc_requests_total', 'Requests to RPC nodes by what became of them.'),
    labelNames: [...labelNames, 'result'],
  });
  const seconds = new Histogram({
    ...named('rpc_request_seconds', 'Seconds until an RPC node answered, well or badly.'),
    labelNames,
    buckets: BUCKETS,
  });
  const lag = new Gauge({
    ...named('rpc_lag_slots', 'Slots that an RPC node is behind the newest of its pool; only where there are several.'),
    labelNames,
  });
  const hedges = new Counter({
    ...named('rpc_hedges_total', 'Questions that an RPC node got because another took long.'),
    labelNames,
  });
  const sockets = new Gauge({
    ...named('rpc_socket_up', '1 while the WebSocket to an RPC node is open; only of those that were tried.'),
    labelNames,
  });
  const poolOf = boundedLabel(POOL, MAX_POOLS, 'other');
  const hostOf = boundedLabel(HOST, MAX_HOSTS, 'other');
  const resultOf = boundedLabel(RESULT, MAX_RESULTS, 'other');
  return (name) => {
    const pool = poolOf(name);
    const of = (host: string) => ({ pool, host: hostOf(host) });
    return {
      call: (host, result, took) => {
        calls.inc({ ...of(host), result: resultOf(result) });
        if (result === 'answered' || result === 'refused' || result === 'lost') seconds.observe(of(host), took);
      },
      lag: (host, slots) => lag.set(of(host), slots),
      hedge: (host) => hedges.inc(of(host)),
      socket: (host, isOpen) => sockets.set(of(host), isOpen ? 1 : 0),
    };
  };
}
