// Owns the harmless round trip that shows whether the nodes of a relayer can send: health, cluster and slot of each.
import { toU64 } from '../json-exact.ts';
import type { RelayerCheck } from '../relayer.ts';
import type { RpcAnswer } from './json-rpc-client.ts';
import type { RpcNode } from './pool/rpc-node.ts';
import type { RpcPool } from './pool/rpc-pool.ts';

export interface ExpectedCluster {
  /** Base58, of the gateway's chain. Throws ChainUnavailable. */
  readonly genesisHash: (signal: AbortSignal) => Promise<string>;
  /** The key of each node's URL in the relayer's entry, in the order of the pool. */
  readonly fields: readonly string[];
}

type NodeState =
  | { readonly kind: 'well'; readonly slot: bigint }
  | { readonly kind: 'ailing'; readonly reason: string; readonly field: string | null }
  | { readonly kind: 'stranger'; readonly reason: string; readonly field: string };

/**
 * Failed where one is of another cluster, or none could send; `detail` names those that do not answer. Never throws for what a node or
 * the chain does.
 */
export async function checkNodes(pool: RpcPool, cluster: ExpectedCluster, signal: AbortSignal): Promise<RelayerCheck> {
  const { nodes } = pool;
  let genesisHash: string;
  try {
    genesisHash = await cluster.genesisHash(signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it failed';
    return {
      kind: 'failed',
      field: null,
      reason: `the gateway's own chain cannot be asked which cluster it is: ${why}`,
    };
  }
  const field = (n: number): string => cluster.fields[n] ?? 'endpoints';
  const states = await Promise.all(nodes.map((node, n) => stateOf(node, field(n), genesisHash, signal)));
  const stranger = states.find((state) => state.kind === 'stranger');
  if (stranger?.kind === 'stranger') return { kind: 'failed', field: stranger.field, reason: stranger.reason };
  const slots = states.flatMap((state) => (state.kind === 'well' ? [state.slot] : []));
  const newest = slots.toSorted((a, b) => (a < b ? 1 : -1))[0];
  if (newest === undefined) {
    const ailing = states.flatMap((state) => (state.kind === 'ailing' ? [state] : []));
    return { kind: 'failed', field: ailing[0]?.field ?? null, reason: ailing.map(({ reason }) => reason).join('; ') };
  }
  return {
    kind: 'ready',
    detail: states.map((state, n) => told(nodes[n]?.endpoint.host ?? '', state, newest)).join('; '),
  };
}

function told(host: string, state: NodeState, newest: bigint): string {
  if (state.kind !== 'well') return `not usable now: ${state.reason}`;
  const lag = newest - state.slot;
  return `${host} is healthy at slot ${state.slot}${lag === 0n ? '' : `, ${lag} behind`}`;
}

async function stateOf(node: RpcNode, field: string, genesisHash: string, signal: AbortSignal): Promise<NodeState> {
  const [genesis, health, slot] = await Promise.all([
    node.call('getGenesisHash', [], signal),
    node.call('getHealth', [], signal),
    node.call('getSlot', [{ commitment: 'confirmed' }], signal),
  ]);
  const about = `RPC ${node.endpoint.host}`;
  const failure = [genesis, health, slot].map((answer) => failureOf(node, answer)).find((reason) => reason !== null);
  if (genesis.kind === 'result' && genesis.result !== genesisHash) {
    const found = typeof genesis.result === 'string' ? node.endpoint.clean(genesis.result) : 'none';
    return {
      kind: 'stranger',
      field,
      reason: `${about}: it is of another cluster: its genesis hash is ${found}, that of the gateway's chain is ${genesisHash}`,
    };
  }
  if (failure !== undefined) {
    const isError = [genesis, health, slot].every(({ kind }) => kind !== 'lost');
    return { kind: 'ailing', field: isError ? null : field, reason: `${about}: ${failure}` };
  }
  const reached = slot.kind === 'result' ? toU64(slot.result) : undefined;
  if (reached === undefined || health.kind !== 'result' || health.result !== 'ok') {
    return { kind: 'ailing', field, reason: `${about}: it is no node of a cluster` };
  }
  return { kind: 'well', slot: reached };
}

function failureOf({ endpoint: { clean } }: RpcNode, answer: RpcAnswer): string | null {
  switch (answer.kind) {
    case 'result':
      return null;
    case 'lost':
      return answer.reason;
    case 'error':
      return `error ${answer.code}: ${clean(answer.message)}`;
  }
}
