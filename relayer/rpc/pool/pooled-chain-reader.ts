// Owns reading the cluster through a pool of nodes: each question is answered by one node, and asked of another where that one is slow
// or fails. What several answers prove together is asked of `nodes()`.
import { type ChainReader, ChainUnavailable } from '../../chain-reader.ts';
import { createBlockhashCache } from '../blockhash-cache.ts';
import { createEndCheck } from '../blockhash-end.ts';
import {
  BLOCKHASH_MAX_AGE_MS,
  BLOCKHASH_REFRESH_AFTER_MS,
  chainReaderOver,
  unlessAborted,
} from '../rpc-chain-reader.ts';
import { type Attempt, hedge } from './hedge.ts';
import { createLatencyWindow, type LatencyWindow } from './latency-window.ts';
import type { RpcNode } from './rpc-node.ts';
import type { RpcPool } from './rpc-pool.ts';
import { highestShared } from './slot-watch.ts';

/** While too few answers came to tell what is usual. */
const HEDGE_AFTER_MS = 250;
/** A second question costs more than it saves where the first is answered so fast. */
const LEAST_HEDGE_MS = 10;

/** Closes the pool. `witnesses`: as in ChainReader; not more than there are nodes. */
export function createPooledChainReader(pool: RpcPool, witnesses: number): ChainReader {
  const readers = new Map<RpcNode, ChainReader>(pool.nodes.map((node) => [node, chainReaderOver(node)]));
  const readerOf = (node: RpcNode): ChainReader => readers.get(node) ?? chainReaderOver(node);
  const latencies = new Map<string, LatencyWindow>();
  const closed = new AbortController();

  function read<T>(
    what: string,
    ask: (reader: ChainReader, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    isHedged = true,
  ): Promise<T> {
    const latency = latencies.get(what) ?? createLatencyWindow();
    latencies.set(what, latency);
    const nodes = pool.forReading();
    const attempts = nodes.map((node): Attempt<T> => timed(latency, (inner) => ask(readerOf(node), inner)));
    const afterMs = isHedged ? Math.max(LEAST_HEDGE_MS, latency.p95() ?? HEDGE_AFTER_MS) : null;
    const onHedge = (position: number): void => {
      const node = nodes[position];
      if (node !== undefined) pool.hedged(node);
    };
    return hedge(attempts, { afterMs, onHedge }, signal);
  }

  /** What a node that is behind tells may be true no more: another is asked. */
  function readNew<T extends { readonly slot: bigint }>(
    what: string,
    ask: (reader: ChainReader, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const askNew = async (reader: ChainReader, inner: AbortSignal): Promise<T> => {
      const answer = await ask(reader, inner);
      const oldest = pool.oldestGoodSlot();
      if (oldest === null || answer.slot >= oldest) return answer;
      throw new ChainUnavailable(`an RPC node answered ${what} for slot ${answer.slot}; others are beyond ${oldest}`);
    };
    return read(what, askNew, signal);
  }

  const checkEnd = createEndCheck((signal) => sharedHeight(pool.forReading().map(readerOf), signal));
  const blockhashOtherThan = async (reader: ChainReader, other: string, signal: AbortSignal) =>
    checkEnd(await reader.getBlockhashOtherThan(other, signal), signal);
  const blockhashes = createBlockhashCache({
    // The nodes' own caches would add to the age of ours.
    load: () => read('getLatestBlockhash', (reader, signal) => blockhashOtherThan(reader, '', signal), closed.signal),
    maxAgeMs: BLOCKHASH_MAX_AGE_MS,
    refreshAfterMs: BLOCKHASH_REFRESH_AFTER_MS,
    now: () => performance.now(),
  });
  return {
    host: pool.nodes.map(({ endpoint }) => endpoint.host).join(', '),
    endpoints: 1,
    witnesses: Math.min(witnesses, pool.nodes.length),
    nodes: () => {
      const asked = pool.forReading();
      return (asked.length === 0 ? pool.nodes : asked).map(readerOf);
    },
    getAccounts: (addresses, signal, welcome) =>
      readNew('getAccounts', (reader, inner) => reader.getAccounts(addresses, inner, welcome), signal),
    getLatestBlockhash: (signal) => unlessAborted('the RPC nodes', blockhashes.newest(), signal),
    blockhashAtHand: blockhashes.atHand,
    // It waits for a new one as a rule: whoever is slow here is not slow.
    getBlockhashOtherThan: (blockhash, signal) =>
      read('other blockhash', (reader, inner) => blockhashOtherThan(reader, blockhash, inner), signal, false),
    getBlockHeight: (commitment, signal) =>
      read('getBlockHeight', (reader, inner) => reader.getBlockHeight(commitment, inner), signal),
    isBlockhashValid: (blockhash, commitment, signal) =>
      read('isBlockhashValid', (reader, inner) => reader.isBlockhashValid(blockhash, commitment, inner), signal),
    getSignatureStatuses: (signatures, signal) =>
      readNew('getSignatureStatuses', (reader, inner) => reader.getSignatureStatuses(signatures, inner), signal),
    getFinalizedBlock: (signal) =>
      read('getFinalizedBlock', (reader, inner) => reader.getFinalizedBlock(inner), signal),
    getFinalizedClock: (signal) =>
      read('getFinalizedClock', (reader, inner) => reader.getFinalizedClock(inner), signal),
    getOldestBlock: (signal) => read('getOldestBlock', (reader, inner) => reader.getOldestBlock(inner), signal),
    getFinalizedAccounts: (addresses, signal) =>
      read('getFinalizedAccounts', (reader, inner) => reader.getFinalizedAccounts(addresses, inner), signal),
    simulate: (what, signal) => readNew('simulate', (reader, inner) => reader.simulate(what, inner), signal),
    getGenesisHash: (signal) => agreedGenesis(pool, readerOf, signal),
    close: async () => {
      closed.abort(new Error('the chain reader is closed'));
      await Promise.all([...readers.values()].map((reader) => reader.close()));
      pool.close();
    },
  };
}

/** What an abandoned question took so far counts too: else the slow ones would be missing from what is usual. */
function timed<T>(latency: LatencyWindow, attempt: Attempt<T>): Attempt<T> {
  return async (signal) => {
    const started = performance.now();
    const record = (): void => latency.record(performance.now() - started);
    try {
      const answer = await attempt(signal);
      record();
      return answer;
    } catch (error) {
      if (signal.aborted) record();
      throw error;
    }
  };
}

/** A blockhash waits no longer for the heights of other nodes. */
const HEIGHTS_MS = 500;

/**
 * The highest block height that two of them come close to; `null`: no two do. Of two nodes that differ nobody knows which is wrong: there it is
 * left at what each told of itself.
 */
async function sharedHeight(nodes: readonly ChainReader[], signal: AbortSignal): Promise<bigint | null> {
  if (nodes.length < 3) return null;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(HEIGHTS_MS)]);
  const told = await Promise.allSettled(nodes.map((node) => node.getBlockHeight('confirmed', bounded)));
  const heights = told.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  return highestShared(heights.toSorted((a, b) => (a < b ? 1 : -1)));
}

/** Of all that answer, which must be the same; from then on whoever did not tell it is not asked. */
async function agreedGenesis(
  pool: RpcPool,
  readerOf: (node: RpcNode) => ChainReader,
  signal: AbortSignal,
): Promise<string> {
  const told = await Promise.allSettled(pool.nodes.map((node) => readerOf(node).getGenesisHash(signal)));
  const hashes = new Map<string, string>();
  for (const [n, node] of pool.nodes.entries()) {
    const answer = told[n];
    if (answer?.status !== 'fulfilled') continue;
    pool.noteGenesis(node, answer.value);
    hashes.set(answer.value, node.endpoint.host);
  }
  const [first, second] = hashes;
  if (first !== undefined && second === undefined) {
    pool.requireGenesis(first[0]);
    return first[0];
  }
  if (first !== undefined && second !== undefined) {
    const those = [first, second].map(([hash, host]) => `${host} (${hash})`).join(' and ');
    throw new ChainUnavailable(`the RPC nodes are of different clusters, by their genesis hash: ${those}`);
  }
  const reasons = told.flatMap((answer) => (answer.status === 'rejected' ? [messageOf(answer.reason)] : []));
  throw new ChainUnavailable(reasons.join('; '));
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : 'it failed';
}
