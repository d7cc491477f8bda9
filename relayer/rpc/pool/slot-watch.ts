// Owns how far each node of a pool is behind the others, and whether it is of the same cluster: asked of all every two seconds.
import { toU64 } from '../../json-exact.ts';
import type { RpcNode } from './rpc-node.ts';

export interface SlotWatch {
  /** Behind `shared`; `null`: not known. Below 0: ahead of it. */
  lagOf(node: RpcNode): bigint | null;
  /** The newest slot that two nodes came close to, at most some seconds ago; `null`: no two did. */
  shared(): bigint | null;
  /** Of another cluster than the required one, or it did not tell yet. */
  isStranger(node: RpcNode): boolean;
  /** From now on whoever is of another cluster, or did not tell of which, is a stranger. */
  requireGenesis(hash: string): void;
  noteGenesis(node: RpcNode, hash: string): void;
  stop(): void;
}

/** About 12 seconds. */
export const MOST_LAG_SLOTS = 30n;
const EVERY_MS = 2_000;

/**
 * A single node has nothing to be compared with: it is not asked. `told`: after each round, of each node that answered, how far it is behind
 * `shared`, or where there is none behind the highest.
 */
export function createSlotWatch(nodes: readonly RpcNode[], told: (node: RpcNode, lag: bigint) => void): SlotWatch {
  const stopping = new AbortController();
  const genesis = new Map<RpcNode, string>();
  let required: string | null = null;
  let lags: ReadonlyMap<RpcNode, bigint> = new Map();
  let shared: bigint | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function learnGenesis(node: RpcNode): Promise<void> {
    const answer = await node.call('getGenesisHash', [], stopping.signal);
    if (answer.kind === 'result' && typeof answer.result === 'string') genesis.set(node, answer.result);
  }

  async function round(): Promise<void> {
    const slots = await Promise.all(nodes.map((node) => slotOf(node, stopping.signal)));
    await Promise.all(nodes.filter((node) => required !== null && !genesis.has(node)).map(learnGenesis));
    if (stopping.signal.aborted) return;
    const highestFirst = slots.filter((slot) => slot !== null).toSorted((a, b) => (a < b ? 1 : -1));
    shared = highestShared(highestFirst);
    const newest = shared ?? highestFirst[0] ?? 0n;
    const behind = nodes.flatMap((node, n) => {
      const slot = slots[n] ?? null;
      return slot === null ? [] : [[node, newest - slot] as const];
    });
    // Where no two agree, the highest is as likely to be wrong as the lowest.
    lags = new Map(shared === null ? [] : behind);
    for (const [node, lag] of behind) told(node, lag);
    timer = setTimeout(() => void round(), EVERY_MS).unref();
  }

  if (nodes.length > 1) void round();
  return {
    lagOf: (node) => lags.get(node) ?? null,
    shared: () => shared,
    isStranger: (node) => required !== null && nodes.length > 1 && genesis.get(node) !== required,
    requireGenesis: (hash) => {
      required = hash;
    },
    noteGenesis: (node, hash) => genesis.set(node, hash),
    stop: () => {
      clearTimeout(timer);
      stopping.abort(new Error('the pool is closed'));
    },
  };
}

async function slotOf(node: RpcNode, signal: AbortSignal): Promise<bigint | null> {
  const answer = await node.call('getSlot', [{ commitment: 'confirmed' }], signal);
  return answer.kind === 'result' ? (toU64(answer.result) ?? null) : null;
}

/** The highest slot, or block height, that another node comes close to; `null`: none does. */
export function highestShared(highestFirst: readonly bigint[]): bigint | null {
  const found = highestFirst.find((slot, n) => {
    const next = highestFirst[n + 1];
    return next !== undefined && slot - next <= MOST_LAG_SLOTS;
  });
  return found ?? null;
}
