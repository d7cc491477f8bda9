// Owns several nodes of one cluster as one: who is asked first, by weight, failures and how far behind each one is.
import type { CallResult, RpcEndpointOptions, RpcNode } from './rpc-node.ts';
import { createRpcNode } from './rpc-node.ts';
import { createSlotWatch, MOST_LAG_SLOTS } from './slot-watch.ts';

export interface RpcPool {
  /** In the order of the configuration; never empty. */
  readonly nodes: readonly RpcNode[];
  /** Those that may be asked, the one to ask first drawn by weight among those that do well. May be empty. */
  forReading(): readonly RpcNode[];
  /** Those that may be asked, the heaviest first among those that do well. May be empty. */
  forSending(): readonly RpcNode[];
  /** Slots that the node is behind the newest that two nodes have told; `null`: not known, or no two agree. Below 0: it is ahead. */
  lagOf(node: RpcNode): bigint | null;
  /** What is older than this slot is behind what two nodes have told; `null`: no two agree. */
  oldestGoodSlot(): bigint | null;
  /** From now on whoever is of another cluster, or did not tell of which, is not asked. */
  requireGenesis(hash: string): void;
  /** It is of another cluster, or did not tell of which. */
  isStranger(node: RpcNode): boolean;
  /** What a node told of its cluster. */
  noteGenesis(node: RpcNode, hash: string): void;
  /** `asked`: another node was asked because the ones before take long. */
  readonly hedged: (asked: RpcNode) => void;
  close(): void;
}

/** What happens to each node, by its host. */
export interface PoolObserver {
  call(host: string, result: CallResult, seconds: number): void;
  lag(host: string, slots: number): void;
  hedge(host: string): void;
}

export interface RpcPoolOptions {
  readonly endpoints: readonly RpcEndpointOptions[];
  /** For one call, connection included. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly observer?: PoolObserver;
  /** From 0 to below 1. Default Math.random. */
  readonly random?: () => number;
}

/** A node of which more calls of late got no answer is asked only after the others. */
const MOST_FAILURES = 0.5;

const UNOBSERVED: PoolObserver = { call: () => undefined, lag: () => undefined, hedge: () => undefined };

/** Several nodes are asked for their slot every two seconds; a single one never. @throws Error when a URL is none. */
export function createRpcPool(options: RpcPoolOptions): RpcPool {
  const { endpoints, timeoutMs, maxResponseBytes, observer = UNOBSERVED, random = Math.random } = options;
  const nodes = endpoints.map((endpoint) => {
    const node: RpcNode = createRpcNode({
      ...endpoint,
      timeoutMs,
      maxResponseBytes,
      observe: (result, seconds) => observer.call(node.endpoint.host, result, seconds),
    });
    return node;
  });
  const watch = createSlotWatch(nodes, (node, lag) => observer.lag(node.endpoint.host, Number(lag)));
  const mayBeAsked = (node: RpcNode): boolean => !node.isResting() && !watch.isStranger(node);
  const doesWell = (node: RpcNode): boolean => {
    const lag = watch.lagOf(node) ?? 0n;
    return node.failureShare() <= MOST_FAILURES && lag <= MOST_LAG_SLOTS && lag >= -MOST_LAG_SLOTS;
  };
  /** Those that do not do well come last, the one with the fewest failures first. */
  const ranked = (order: (well: readonly RpcNode[]) => readonly RpcNode[]): readonly RpcNode[] => {
    const asked = nodes.filter(mayBeAsked);
    const ailing = asked.filter((node) => !doesWell(node));
    return [...order(asked.filter(doesWell)), ...ailing.toSorted((a, b) => a.failureShare() - b.failureShare())];
  };
  return {
    nodes,
    forReading: () => ranked((well) => drawn(well, random)),
    forSending: () => ranked((well) => well.toSorted((a, b) => b.weight - a.weight)),
    lagOf: watch.lagOf,
    oldestGoodSlot: () => {
      const shared = watch.shared();
      return shared === null ? null : shared - MOST_LAG_SLOTS;
    },
    requireGenesis: watch.requireGenesis,
    isStranger: watch.isStranger,
    noteGenesis: watch.noteGenesis,
    hedged: (asked) => observer.hedge(asked.endpoint.host),
    close: () => {
      watch.stop();
      for (const node of nodes) node.close();
    },
  };
}

/** All of them, each place drawn by weight among those that are left. */
function drawn(nodes: readonly RpcNode[], random: () => number): readonly RpcNode[] {
  const left = [...nodes];
  const order: RpcNode[] = [];
  while (left.length > 0) {
    let point = random() * left.reduce((sum, { weight }) => sum + weight, 0);
    const found = left.findIndex(({ weight }) => {
      point -= weight;
      return point < 0;
    });
    order.push(...left.splice(Math.max(0, found), 1));
  }
  return order;
}
