// Owns what one node proves of a transaction that it does not show: asked in the order that proves something.
import type { ChainReader, FinalizedBlock, FinalizedClock, SignatureStatus } from '../../../relayer/chain-reader.ts';
import { type DurableNonce, durableNonceOf, storedNonce } from '../../core/transaction/durable-nonce.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { earliestLanding } from './earliest-landing.ts';
import { judgedAt, wasJudgedBefore } from './judged-at.ts';

export type Fate =
  /** Nothing shows that its lifetime is over. */
  | { readonly kind: 'alive' }
  /** It lives by a durable nonce that was not used yet. */
  | { readonly kind: 'unused_nonce' }
  /** It turned up. */
  | { readonly kind: 'landed'; readonly status: SignatureStatus }
  /** Its lifetime is over, and no transaction landed under its signature. */
  | { readonly kind: 'dead'; readonly end: LifetimeEnd }
  /** Its lifetime is over, but the node that was asked cannot tell: it is behind, or its history does not reach back. */
  | { readonly kind: 'unproven' }
  /** Its lifetime is over, and nobody knows the signature under which it may have landed. */
  | { readonly kind: 'unknowable'; readonly end: LifetimeEnd };

/** When a lifetime that is over was. */
export interface LifetimeEnd {
  /** Finalized, and the end was in it or before. */
  readonly slot: bigint;
  /** No block below this height can hold the transaction: it was not signed before, or its nonce was seen unused there. */
  readonly earliest: bigint;
}

/**
 * Request id to a finalized block height up to which it has not landed, because its durable nonce was still stored then, as this node
 * told. What is forgotten costs certainty, never safety.
 */
export type UnusedUntil = Map<string, bigint>;

export interface Looking {
  /** Of the node that is asked. */
  readonly unusedUntil: UnusedUntil;
  /** Unix milliseconds. */
  readonly now: number;
  /** Others must prove the same, because one of them may be wrong: so may have been the one that told how long the transaction lives. */
  readonly isOneOfSeveral: boolean;
}

/** As much the clocks of gateway, database and cluster may differ. A blockhash lives longer: nothing is called dead later for it. */
const CLOCK_SLACK_MS = 10_000;

/**
 * The order is what makes it proof: lifetimes are over in finalized blocks, and the node itself would not take their blockhashes any
 * more; then the signatures are looked up, on a node that has processed those blocks; then that node says how far its history reaches
 * back, which only shrinks; how far it must reach follows from what this node itself told, not from the word of another. Of a request that
 * is not in the answer nothing is proved: it is alive.
 *
 * Invariant: **a node proves the end of a lifetime only by finalized blocks from after the judgement, by their own time.** What a
 * transaction lives by was on the chain when it was judged. So a finalized block from after that which would not take its blockhash has
 * seen it die, and a nonce that is not stored there was used; in an older block both may be too new. `lastValidBlockHeight`, which one node
 * told, says only when it is worth asking, and so does the time since the judgement, which nobody tells. Where there is one node, its word
 * for that height is taken: it is believed in all the rest.
 */
export async function readFates(
  node: ChainReader,
  missing: readonly RequestRecord[],
  { unusedUntil, now, isOneOfSeveral }: Looking,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fate>> {
  const finalized = await node.getFinalizedBlock(signal);
  const past = missing.filter((request) => mayBeOver(request, finalized.blockHeight, now));
  if (past.length === 0) return new Map();
  const isByHeight = (request: RequestRecord): boolean => !isOneOfSeveral && isPast(request, finalized.blockHeight);
  const clock = past.every(isByHeight) ? null : await node.getFinalizedClock(signal);
  const seen = past.filter((request) => isByHeight(request) || isOlder(request, clock));
  const newest = { ...finalized, slot: larger(finalized.slot, clock?.slot ?? 0n) };
  const { ended, unused, slot: seenAt } = await readLifetimes(node, seen, newest, unusedUntil, signal);
  const { over, slot: deadAt } = await withoutLivingBlockhash(node, ended, newest.slot, signal);
  const slot = larger(seenAt, deadAt);
  const named = over.filter(({ transactionSignature }) => transactionSignature !== null);
  const endOf = (request: RequestRecord): LifetimeEnd => {
    const signedAt = earliestLanding(request, finalized.blockHeight, now);
    return { slot, earliest: larger(signedAt, unusedUntil.get(request.requestId) ?? 0n) };
  };
  const fates = new Map<string, Fate>([
    ...unused.map(({ requestId }) => [requestId, { kind: 'unused_nonce' }] as const),
    ...over.map((request) => [request.requestId, { kind: 'unknowable', end: endOf(request) }] as const),
  ]);
  if (named.length === 0) return fates;
  const signatures = named.map(({ transactionSignature }) => transactionSignature ?? '');
  const looked = await node.getSignatureStatuses(signatures, signal);
  const oldest = await node.getOldestBlock(signal);
  for (const [i, request] of named.entries()) {
    const status = looked.statuses[i];
    if (status === undefined) throw new Error('the chain reader left out a status that it was asked for');
    const end = endOf(request);
    const isProof = looked.slot >= slot && oldest.blockHeight <= end.earliest;
    const absent: Fate = isProof ? { kind: 'dead', end } : { kind: 'unproven' };
    fates.set(request.requestId, status === null ? absent : { kind: 'landed', status });
  }
  return fates;
}

/** Ten times as long as 150 blocks take. */
const LONG_MS = 600_000;

/**
 * Whether it is worth asking: its blockhash is dead at this height, by the word of the node that told its end, or it was judged so long ago that
 * it should be, whatever was told. `now`: unix milliseconds.
 */
export function mayBeOver(request: RequestRecord, blockHeight: bigint, now: number): boolean {
  return isPast(request, blockHeight) || (isLongAgo(request, now) && request.judgement.lastValidBlockHeight !== null);
}

/** Whether it was judged so long ago that what lives by a blockhash is dead, or final, while the cluster goes on. `now`: unix milliseconds. */
export function isLongAgo(request: RequestRecord, now: number): boolean {
  const judged = judgedAt(request);
  return judged !== null && now - judged >= LONG_MS;
}

/** Whether its blockhash is dead at this height; a message has none. */
export function isPast({ judgement }: RequestRecord, blockHeight: bigint): boolean {
  const { lastValidBlockHeight } = judgement;
  return lastValidBlockHeight !== null && blockHeight > lastValidBlockHeight;
}

/** Whether it was judged before the block of this clock, as surely as clocks are right. */
function isOlder(request: RequestRecord, clock: FinalizedClock | null): boolean {
  return clock !== null && wasJudgedBefore(request, Number(clock.unixSeconds) * 1_000 - CLOCK_SLACK_MS);
}

/**
 * A node that would still take the blockhash proves nothing of its end, nor does another node behind the same address that is behind the
 * slot `from`. `slot`: of the newest block that the rest follows from.
 */
async function withoutLivingBlockhash(
  node: ChainReader,
  ended: readonly RequestRecord[],
  from: bigint,
  signal: AbortSignal,
): Promise<{ readonly over: readonly RequestRecord[]; readonly slot: bigint }> {
  const byBlockhash = Map.groupBy(ended, blockhashOf);
  const answers = await Promise.all(
    [...byBlockhash].map(async ([blockhash, requests]) => {
      if (blockhash === null) return [];
      // For the finalized block of a single node that told too low a height it may be too new, and not dead.
      if ((await node.isBlockhashValid(blockhash, 'processed', signal)).isValid) return [];
      const { slot, isValid } = await node.isBlockhashValid(blockhash, 'finalized', signal);
      return isValid || slot < from ? [] : [{ requests, slot }];
    }),
  );
  const dead = answers.flat();
  return { over: dead.flatMap(({ requests }) => requests), slot: dead.map(({ slot }) => slot).reduce(larger, from) };
}

/** Or the stored nonce, which no node takes for a blockhash. `null`: it cannot be read. */
function blockhashOf({ judgement }: RequestRecord): string | null {
  const parsed = parseTransaction(judgement.transaction);
  return parsed.kind === 'malformed' ? null : parsed.value.lifetimeToken;
}

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

interface Lifetimes {
  /** Those that live by a blockhash only, or by a nonce that was used or withdrawn. */
  readonly ended: readonly RequestRecord[];
  readonly unused: readonly RequestRecord[];
  /** Of the newest block that this follows from. */
  readonly slot: bigint;
}

/** Of a node that has finalized this block; by accounts as they were before it nothing ends. */
async function readLifetimes(
  node: ChainReader,
  past: readonly RequestRecord[],
  finalized: FinalizedBlock,
  unusedUntil: UnusedUntil,
  signal: AbortSignal,
): Promise<Lifetimes> {
  const living = past.map((request) => ({ request, lifetime: lifetimeOf(request) }));
  const ended = living.flatMap(({ request, lifetime }) => (lifetime === 'blockhash' ? request : []));
  const durable = living.flatMap(({ request, lifetime }) =>
    typeof lifetime === 'object' ? { request, lifetime } : [],
  );
  if (durable.length === 0) return { ended, unused: [], slot: finalized.slot };
  const addresses = new Set(durable.map(({ lifetime }) => lifetime.nonceAccount));
  const { slot, accounts } = await node.getFinalizedAccounts([...addresses], signal);
  const unused: RequestRecord[] = [];
  for (const { request, lifetime } of durable) {
    const stored = storedNonce(accounts.get(lifetime.nonceAccount) ?? null);
    const isUnused = stored.kind === 'stored' && stored.nonce === lifetime.nonce;
    if (isUnused) unused.push(request);
    else if (stored.kind !== 'foreign' && slot >= finalized.slot) ended.push(request);
    // While its nonce is there it has not landed.
    if (isUnused && slot >= finalized.slot) remember(unusedUntil, request.requestId, finalized.blockHeight);
  }
  return { ended, unused, slot: larger(slot, finalized.slot) };
}

/** What a recorded transaction lives by; one that cannot be read is never called dead. */
function lifetimeOf({ judgement }: RequestRecord): DurableNonce | 'blockhash' | 'unreadable' {
  const parsed = parseTransaction(judgement.transaction);
  if (parsed.kind === 'malformed') return 'unreadable';
  return durableNonceOf(parsed.value) ?? 'blockhash';
}

const MAX_REMEMBERED = 10_000;

function remember(heights: UnusedUntil, requestId: string, height: bigint): void {
  heights.delete(requestId);
  heights.set(requestId, height);
  const [oldest] = heights.keys();
  if (heights.size > MAX_REMEMBERED && oldest !== undefined) heights.delete(oldest);
}
