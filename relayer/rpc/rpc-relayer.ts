// Owns handing a signed transaction to several RPC nodes of one pool, byte for byte.
import { encodeBase58 } from '../base58.ts';
import type { Relayer, SubmitResult } from '../relayer.ts';
import type { RpcNode } from './pool/rpc-node.ts';
import type { RpcPool } from './pool/rpc-pool.ts';
import { checkNodes, type ExpectedCluster } from './relayer-check.ts';
import { jointResult, type NodeAnswer, readSubmission } from './submission-answer.ts';

/** The answer is a signature, or an error with the logs of a simulation. */
export const MAX_SUBMISSION_RESPONSE_BYTES = 1024 * 1024;

export interface RpcRelayerOptions {
  readonly name: string;
  /** Closed with the relayer. */
  readonly pool: RpcPool;
  /** True: the node does not simulate first, and lets what would fail land and fail. */
  readonly skipPreflight: boolean;
  /** How many nodes get the bytes at once. */
  readonly sendTo: number;
  readonly cluster: ExpectedCluster;
}

/** Nodes are told not to retry: whoever sends does. The same bytes go to the next nodes when they are submitted again. */
export function createRpcRelayer({ name, pool, skipPreflight, sendTo, cluster }: RpcRelayerOptions): Relayer {
  // Blockhashes are taken at `confirmed`; a preflight at the default, finalized, would not know them yet.
  const config = { encoding: 'base64', skipPreflight, preflightCommitment: 'confirmed', maxRetries: 0 };
  const turns = createTurns();
  return {
    name,
    backend: 'rpc',
    lack: () => null,
    submit: (signedTransaction, signal) => {
      const params = [Buffer.from(signedTransaction).toString('base64'), config];
      const signature = firstSignature(signedTransaction);
      const candidates = pool.forSending();
      const first = (turns.next(signature ?? '') * sendTo) % Math.max(1, candidates.length);
      const asked = [...candidates.slice(first), ...candidates.slice(0, first)].slice(0, sendTo);
      return earliest(
        asked.map(async (node: RpcNode): Promise<NodeAnswer> => {
          const answer = await node.call('sendTransaction', params, signal);
          return readSubmission(node.endpoint, answer, signature);
        }),
      );
    },
    check: (signal) => checkNodes(pool, cluster, signal),
    close: async () => pool.close(),
  };
}

/** Beyond the first answer: who asked does not wait for a node that hangs. */
const PATIENCE_MS = 2_000;
const LATE: NodeAnswer = {
  kind: 'unknown',
  reason: `another node did not answer within ${PATIENCE_MS} ms of the first`,
};

/** As soon as one has accepted it; the others get it all the same. */
async function earliest(calls: readonly Promise<NodeAnswer>[]): Promise<SubmitResult> {
  const { promise: accepted, resolve } = Promise.withResolvers<SubmitResult>();
  const { promise: late, resolve: giveUp } = Promise.withResolvers<NodeAnswer>();
  let timer: NodeJS.Timeout | undefined;
  const answers = calls.map(async (call) => {
    const answer = await call;
    if (answer.kind === 'accepted') resolve(answer);
    timer ??= setTimeout(() => giveUp(LATE), PATIENCE_MS);
    return answer;
  });
  const all = Promise.all(answers.map((answer) => Promise.race([answer, late])));
  const result = await Promise.race([accepted, all.then(jointResult)]);
  clearTimeout(timer);
  return result;
}

interface Turns {
  /** How often this signature was asked about before. */
  next(signature: string): number;
}

/** What is forgotten begins with the best nodes again. */
const MAX_TURNS = 10_000;

function createTurns(): Turns {
  const turns = new Map<string, number>();
  return {
    next: (signature) => {
      const turn = turns.get(signature) ?? 0;
      turns.delete(signature);
      turns.set(signature, turn + 1);
      const [oldest] = turns.keys();
      if (turns.size > MAX_TURNS && oldest !== undefined) turns.delete(oldest);
      return turn;
    },
  };
}

/** Base58 of the first signature: behind the count, or in version 1 (first byte 0x81) behind the message. */
function firstSignature(wire: Uint8Array): string | null {
  const start = wire[0] === 0x81 ? wire.length - 64 * (wire[1] ?? 0) : 1;
  const bytes = wire.subarray(start, start + 64);
  return start > 0 && bytes.length === 64 ? encodeBase58(bytes) : null;
}
