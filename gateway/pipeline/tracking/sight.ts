// Owns what the tracker sees of the chain: asked once for all requests that are looked at together, and in the order that proves something.
import { ChainUnavailable, type FinalizedBlock, type SignatureStatus } from '../../../relayer/chain-reader.ts';
import { type DurableNonce, durableNonceOf, storedNonce } from '../../core/transaction/durable-nonce.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

/** What the stage looks at the chain with; one for all requests that are looked at together. */
export interface Sight {
  /** Base58 transaction signature to status; `null` instead of the map: the chain could not be asked. */
  statuses(): Promise<ReadonlyMap<string, SignatureStatus | null> | null>;
  /** At commitment `confirmed`. May be as old as the sight: a lower height proves less, never more. */
  blockHeight(): Promise<bigint>;
  /** What is certain of a request whose status is `null`, or whose signature is not known. */
  fate(request: RequestRecord): Promise<Fate>;
  /** Whether the bytes of this request should be sent again now; says yes once an interval. */
  resendIsDue(requestId: string): boolean;
  readonly signal: AbortSignal;
}

export type Fate =
  /** Nothing shows that its lifetime is over. */
  | { readonly kind: 'alive' }
  /** It lives by a durable nonce that was not used yet. */
  | { readonly kind: 'unused_nonce' }
  /** It turned up. */
  | { readonly kind: 'landed'; readonly status: SignatureStatus }
  /** Its lifetime is over, and it never landed. */
  | { readonly kind: 'dead' }
  /** Its lifetime is over, but the node that was asked cannot tell: it is behind, or its history does not reach back. */
  | { readonly kind: 'unproven' }
  /** Its lifetime is over, and nobody knows the signature under which it may have landed. */
  | { readonly kind: 'unknowable' };

export interface SightOptions {
  readonly resendIsDue: (requestId: string) => boolean;
  /**
   * Request id to a finalized block height up to which it has not landed, because its durable nonce was still stored then. What is
   * forgotten costs certainty, never safety.
   */
  readonly unusedUntil: Map<string, bigint>;
  readonly signal: AbortSignal;
}

type ChainDeps = Pick<PipelineDeps, 'chain'>;

/** Asks the chain for what these requests have in common at most once, and only when one of them needs it. */
export function openSight({ chain }: ChainDeps, due: readonly RequestRecord[], options: SightOptions): Sight {
  const { signal, resendIsDue } = options;
  let statuses: ReturnType<Sight['statuses']> | null = null;
  let height: Promise<bigint> | null = null;
  let fates: Promise<ReadonlyMap<string, Fate>> | null = null;
  const sight: Sight = {
    signal,
    resendIsDue,
    statuses: () => {
      statuses ??= readStatuses({ chain }, due, signal);
      return statuses;
    },
    blockHeight: () => {
      height ??= chain.getBlockHeight('confirmed', signal);
      return height;
    },
    fate: async ({ requestId }) => {
      fates ??= sight.statuses().then((seen) => readFates({ chain }, due.filter(isMissing(seen)), options));
      return (await fates).get(requestId) ?? { kind: 'alive' };
    },
  };
  return sight;
}

async function readStatuses(
  { chain }: ChainDeps,
  due: readonly RequestRecord[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SignatureStatus | null> | null> {
  const signatures = due.flatMap(({ transactionSignature }) => transactionSignature ?? []);
  if (signatures.length === 0) return new Map();
  try {
    const { statuses } = await chain.getSignatureStatuses(signatures, signal);
    return new Map(signatures.map((signature, i) => [signature, statuses[i] ?? null]));
  } catch (error) {
    if (error instanceof ChainUnavailable) return null;
    throw error;
  }
}

function isMissing(seen: Awaited<ReturnType<Sight['statuses']>>): (request: RequestRecord) => boolean {
  return ({ transactionSignature: signature, signedTransaction }) =>
    signedTransaction !== null && (signature === null || (seen?.get(signature) ?? null) === null);
}

/**
 * The order is what makes it proof: lifetimes are over in finalized blocks; then the signatures are looked up, on a node that has
 * processed those blocks; then that node says how far its history reaches back, which only shrinks.
 */
async function readFates(
  { chain }: ChainDeps,
  missing: readonly RequestRecord[],
  options: SightOptions,
): Promise<ReadonlyMap<string, Fate>> {
  const { signal } = options;
  const finalized = await chain.getFinalizedBlock(signal);
  const past = missing.filter((request) => isPast(request, finalized.blockHeight));
  const { over, unused, slot } = await readNonces({ chain }, past, finalized, options);
  const named = over.filter(({ transactionSignature }) => transactionSignature !== null);
  const fates = new Map<string, Fate>([
    ...unused.map(({ requestId }) => [requestId, { kind: 'unused_nonce' }] as const),
    ...over.map(({ requestId }) => [requestId, { kind: 'unknowable' }] as const),
  ]);
  if (named.length === 0) return fates;
  const signatures = named.map(({ transactionSignature }) => transactionSignature ?? '');
  const looked = await chain.getSignatureStatuses(signatures, signal);
  const oldest = await chain.getOldestBlock(signal);
  for (const [i, request] of named.entries()) {
    const status = looked.statuses[i];
    if (status === undefined) throw new Error('the chain reader left out a status that it was asked for');
    const reaches = oldest.blockHeight <= earliestLanding(request, options.unusedUntil);
    const absent = looked.slot >= slot && reaches ? 'dead' : 'unproven';
    fates.set(request.requestId, status === null ? { kind: absent } : { kind: 'landed', status });
  }
  return fates;
}

/** Whether its blockhash is dead at this height; a message has none. */
export function isPast({ judgement }: RequestRecord, blockHeight: bigint): boolean {
  const { lastValidBlockHeight } = judgement;
  return lastValidBlockHeight !== null && blockHeight > lastValidBlockHeight;
}

/** A blockhash lives for 150 blocks, and `lastValidBlockHeight` may be up to 64 blocks beyond its true end. */
const LANDING_SPAN = 300n;

/** No block below this height can hold it: it was not signed before. */
function earliestLanding({ requestId, judgement }: RequestRecord, unusedUntil: ReadonlyMap<string, bigint>): bigint {
  const signedAt = (judgement.lastValidBlockHeight ?? 0n) - LANDING_SPAN;
  // Genesis is older than everything.
  return larger(larger(signedAt, unusedUntil.get(requestId) ?? 0n), 0n);
}

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

interface Lifetimes {
  /** Those that live by a blockhash only, or by a nonce that was used or withdrawn. */
  readonly over: readonly RequestRecord[];
  readonly unused: readonly RequestRecord[];
  /** Of the newest block that this follows from. */
  readonly slot: bigint;
}

async function readNonces(
  { chain }: ChainDeps,
  past: readonly RequestRecord[],
  finalized: FinalizedBlock,
  { signal, unusedUntil }: SightOptions,
): Promise<Lifetimes> {
  const living = past.map((request) => ({ request, lifetime: lifetimeOf(request) }));
  const ended = living.flatMap(({ request, lifetime }) => (lifetime === 'blockhash' ? request : []));
  const durable = living.flatMap(({ request, lifetime }) =>
    typeof lifetime === 'object' ? { request, lifetime } : [],
  );
  if (durable.length === 0) return { over: ended, unused: [], slot: finalized.slot };
  const addresses = new Set(durable.map(({ lifetime }) => lifetime.nonceAccount));
  const { slot, accounts } = await chain.getFinalizedAccounts([...addresses], signal);
  const unused: RequestRecord[] = [];
  for (const { request, lifetime } of durable) {
    const stored = storedNonce(accounts.get(lifetime.nonceAccount) ?? null);
    const isUnused = stored.kind === 'stored' && stored.nonce === lifetime.nonce;
    if (isUnused) unused.push(request);
    else if (stored.kind !== 'foreign') ended.push(request);
    // While its nonce is there it has not landed.
    if (isUnused && slot >= finalized.slot) remember(unusedUntil, request.requestId, finalized.blockHeight);
  }
  return { over: ended, unused, slot: larger(slot, finalized.slot) };
}

/** What a recorded transaction lives by; one that cannot be read is never called dead. */
function lifetimeOf({ judgement }: RequestRecord): DurableNonce | 'blockhash' | 'unreadable' {
  const parsed = parseTransaction(judgement.transaction);
  if (parsed.kind === 'malformed') return 'unreadable';
  return durableNonceOf(parsed.value) ?? 'blockhash';
}

const MAX_REMEMBERED = 10_000;

function remember(heights: Map<string, bigint>, requestId: string, height: bigint): void {
  heights.delete(requestId);
  heights.set(requestId, height);
  const [oldest] = heights.keys();
  if (heights.size > MAX_REMEMBERED && oldest !== undefined) heights.delete(oldest);
}
