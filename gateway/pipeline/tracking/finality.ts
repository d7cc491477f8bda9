// Owns what several nodes must each show before the end of a transaction counts: that it landed for good, with an error or without.
import { type ChainReader, ChainUnavailable, type SignatureStatus } from '../../../relayer/chain-reader.ts';

export type Showing = 'finalized' | 'finalized_with_error' | 'not_finalized' | 'nothing' | 'no_answer';

/** What one node shows of a transaction. */
export interface NodeShowing {
  /** Its host. */
  readonly node: string;
  readonly shows: Showing;
}

export type Finality =
  /** `status`: of one of those that agree. */
  | { readonly kind: 'certain'; readonly status: SignatureStatus }
  /** Of the nodes that were asked too few agree. */
  | { readonly kind: 'open'; readonly showings: readonly NodeShowing[] };

interface Told {
  readonly node: string;
  /** `undefined`: it did not answer. */
  readonly status: SignatureStatus | null | undefined;
}

/**
 * By base58 signature. Asks as many nodes as must agree, each once for all signatures; then the others one by one, for what is still open. A
 * failure gives money back: none of those asked may show the opposite.
 */
export async function witnessFinality(
  chain: ChainReader,
  signatures: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Finality>> {
  const { witnesses } = chain;
  const nodes = chain.nodes();
  const turns = [nodes.slice(0, witnesses), ...nodes.slice(witnesses).map((node) => [node])];
  const told = new Map<string, Told[]>(signatures.map((signature) => [signature, []]));
  let open = signatures;
  for (const turn of turns) {
    if (open.length === 0) break;
    const asked = open;
    const answers = await Promise.all(turn.map((node) => askOne(node, asked, signal)));
    for (const [i, signature] of asked.entries()) {
      for (const { node, statuses } of answers) told.get(signature)?.push({ node, status: statuses?.[i] });
    }
    open = asked.filter((signature) => agreedBy(told.get(signature) ?? [], witnesses) === null);
  }
  return new Map([...told].map(([signature, all]) => [signature, finalityOf(all, witnesses)]));
}

async function askOne(node: ChainReader, signatures: readonly string[], signal: AbortSignal) {
  try {
    return { node: node.host, statuses: (await node.getSignatureStatuses(signatures, signal)).statuses };
  } catch (error) {
    if (error instanceof ChainUnavailable) return { node: node.host, statuses: null };
    throw error;
  }
}

function finalityOf(told: readonly Told[], witnesses: number): Finality {
  const status = agreedBy(told, witnesses);
  if (status !== null) return { kind: 'certain', status };
  return { kind: 'open', showings: told.map((each) => ({ node: each.node, shows: showingOf(each) })) };
}

/** `null`: too few of them agree. */
function agreedBy(told: readonly Told[], witnesses: number): SignatureStatus | null {
  const landed = statusesOf(told, 'finalized');
  if (landed.length >= witnesses) return landed[0] ?? null;
  const failed = statusesOf(told, 'finalized_with_error');
  return landed.length === 0 && failed.length >= witnesses ? (failed[0] ?? null) : null;
}

function statusesOf(told: readonly Told[], shows: Showing): readonly SignatureStatus[] {
  return told.flatMap((each) => (showingOf(each) === shows ? (each.status ?? []) : []));
}

function showingOf({ status }: Told): Showing {
  if (status === undefined) return 'no_answer';
  if (status === null) return 'nothing';
  if (status.commitment !== 'finalized') return 'not_finalized';
  return status.error === null ? 'finalized' : 'finalized_with_error';
}
